import * as z from 'zod';
import { answerAdminCall, parseAdminBody } from '../admin-calls.ts';
import type { ServiceRequest, ServiceResponse } from '../service.ts';
import { redriveOf } from './dead-letters.ts';
import type { SqsQueue, SqsStore } from './fauxqs-types.ts';

/** The messages that are moved to dead-letter queues at their next receive, as if they had reached the maximum receive count. */
export interface ForcedDeadLetters {
  /** Whether the next message that a consumer would receive from the queue must become a dead letter. Each true result uses up one. */
  takesNext(queue: SqsQueue): boolean;
  /** Answers `POST /_greenroom/sqs/dead-letters` with `{ queue, times }`. */
  adminHandle(request: ServiceRequest): Promise<ServiceResponse>;
}

/**
 * On AWS, a message becomes a dead letter only after it has crashed its function for a day. This call makes the next messages of a queue dead
 * letters at once, according to the queue's own redrive policy.
 */
export function createForcedDeadLetters(store: SqsStore): ForcedDeadLetters {
  const left = new Map<string, number>();
  const hasDeadLetterQueue = (name: string) => {
    const queue = [...store.allQueues()].find(({ arn }) => arn.endsWith(`:${name}`));
    return queue !== undefined && redriveOf(queue, store) !== undefined;
  };
  const planSchema = z.strictObject({
    queue: z.string().refine(hasDeadLetterQueue, 'must be the name of a queue that has a dead-letter queue'),
    times: z.int().min(1).default(1),
  });
  const handlers = new Map([
    [
      'POST dead-letters',
      (request: ServiceRequest) => {
        const { queue, times } = parseAdminBody(planSchema, request);
        left.set(queue, (left.get(queue) ?? 0) + times);
      },
    ],
  ]);

  return {
    takesNext({ arn }) {
      const name = arn.split(':').at(-1) ?? '';
      const count = left.get(name) ?? 0;
      if (count > 0) left.set(name, count - 1);
      return count > 0;
    },
    adminHandle: (request) => answerAdminCall(SQS_ADMIN_PREFIX, handlers, request),
  };
}

export const SQS_ADMIN_PREFIX = '/_greenroom/sqs/';
