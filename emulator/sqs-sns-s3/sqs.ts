import * as z from 'zod';
import { credentialScopeOf } from '../gateway/credential-scope.ts';
import { createRandom } from '../random.ts';
import type { ServiceRequest, ServiceResponse } from '../service.ts';
import { changeMessageVisibility, changeMessageVisibilityBatch } from './change-visibility.ts';
import { createDeliveryOrder } from './fair-order.ts';
import type { Fauxqs } from './fauxqs.ts';
import type { SqsMessage } from './fauxqs-types.ts';
import { createForcedDeadLetters, type ForcedDeadLetters } from './forced-dead-letters.ts';
import { cancelMessageMoveTask, listMessageMoveTasks, startMessageMoveTask } from './message-move-actions.ts';
import { createMoveTasks } from './move-tasks.ts';
import { requireUsablePolicy } from './queue-policy.ts';
import { receiveMessage } from './receive-message.ts';
import { sendMessage, sendMessageBatch } from './send-message.ts';
import type { SqsAction, SqsContext } from './sqs-action.ts';
import { errorResponse, parseInput, SqsError, successResponse } from './sqs-error.ts';

/** The actions that fauxqs lacks, or performs differently from SQS. All others are fauxqs's own. */
const actions = new Map(
  Object.entries<SqsAction>({
    SendMessage: sendMessage,
    SendMessageBatch: sendMessageBatch,
    ReceiveMessage: receiveMessage,
    ChangeMessageVisibility: changeMessageVisibility,
    ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
    StartMessageMoveTask: startMessageMoveTask,
    ListMessageMoveTasks: listMessageMoveTasks,
    CancelMessageMoveTask: cancelMessageMoveTask,
  }),
);

/**
 * The approximate quota of SQS for standard queues:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
 */
export const MAX_IN_FLIGHT = 120_000;

const createQueueSchema = z.object({
  QueueName: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,80}$/, 'standard queues only: 1 to 80 letters, digits, hyphens and underscores'),
});

export interface Sqs extends Pick<ForcedDeadLetters, 'adminHandle'> {
  handle(request: ServiceRequest, gone: AbortSignal): Promise<ServiceResponse>;
  close(): Promise<void>;
}

export interface SqsOptions {
  /** The seed for the order of delivery. */
  seed: number;
  /** The sender id of an access key. */
  senderIdOf(accessKeyId: string): string;
  /** For tests: how many messages of a queue may be in flight. Default: SQS's quota */
  maximumInFlight?: number | undefined;
}

/** SQS with standard queues. */
export function createSqs(fauxqs: Fauxqs, { seed, senderIdOf, maximumInFlight }: SqsOptions): Sqs {
  const forcedDeadLetters = createForcedDeadLetters(fauxqs.sqsStore);
  const shared = {
    forcedDeadLetters,
    store: fauxqs.sqsStore,
    deliveryOrder: createDeliveryOrder(createRandom(seed)),
    moveTasks: createMoveTasks(fauxqs.sqsStore),
    receivedAtMs: new WeakMap<SqsMessage, number>(),
    maximumInFlight: maximumInFlight ?? MAX_IN_FLIGHT,
  };

  return {
    async handle(request, gone) {
      try {
        const senderId = senderIdOf(credentialScopeOf(request.headers.authorization)?.accessKeyId ?? '');
        return await perform(fauxqs, { ...shared, senderId }, request, gone);
      } catch (error) {
        if (error instanceof SqsError) return errorResponse(error);
        throw error;
      }
    },
    adminHandle: forcedDeadLetters.adminHandle,
    async close() {
      shared.moveTasks.close();
    },
  };
}

async function perform(
  fauxqs: Fauxqs,
  context: SqsContext,
  request: ServiceRequest,
  gone: AbortSignal,
): Promise<ServiceResponse> {
  const name = request.headers['x-amz-target']?.replace(/^AmazonSQS\./, '') ?? '';
  const input = parseBody(request.body);
  const action = actions.get(name);
  if (action) return successResponse(await action(input, context, gone));
  if (name === 'CreateQueue') parseInput(createQueueSchema, input);
  if (name === 'CreateQueue' || name === 'SetQueueAttributes') requireUsablePolicy(input);
  // fauxqs reports how many messages there were when it last read the clock, so fauxqs must read the clock before it responds.
  fauxqs.sqsStore.processAllTimers();
  return fauxqs.forward(request);
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new SqsError('MalformedInput', 'The body is not JSON.');
  }
}
