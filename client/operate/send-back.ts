import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Clock } from '../../lib/platform/clock.ts';
import type { Deployment, QueueName } from '../deployment.ts';
import { explainError } from '../explain-error.ts';
import type { ParkedMessage, ReturnQueue } from './parked-message.ts';
import { type HeldMessage, openParkedQueue, type ReadSettings } from './parked-queue.ts';
import { returnMessage } from './return-message.ts';

/** The rate if the user does not specify one. It equals IVS Chat's quota for CreateRoom in one region. */
export const DEFAULT_PER_SECOND = 5;

/**
 * Sending and deleting a message can take a tenth of a second. This is therefore the highest rate that the reading of the queue assumes,
 * even if a higher one was requested.
 */
const MAX_HANDLED_PER_SECOND = 10;

/**
 * The result for one parked message. If `sent` is true and there is a `problem`, the message was sent, but is still in the parked queue
 * too.
 */
export interface SentBack {
  parked: ParkedMessage;
  lane?: ReturnQueue;
  sent: boolean;
  problem?: string;
}

export interface SendBackSettings extends Pick<ReadSettings, 'signal' | 'onStillHidden'> {
  perSecond: number;
  /** ISO 8601. Default: the request's own `neededBy` */
  neededBy?: string;
  clock: Clock;
}

/**
 * Sends parked messages back at a limited rate: requests to the redrive queue, other messages to the queue that they came from. A message
 * is deleted from the parked queue after the other queue has accepted it. If a response of SQS is lost, a message may be sent twice. The
 * completion of a request is then published twice, with the same id. Other messages may be handled twice without harm.
 * @param wanted the ids of the messages. An id that is no longer found is not reported
 * @throws SQS's error if receiving fails; the signal's reason if the signal is aborted. This is noticed only between two messages
 */
export async function* sendBack(
  deployment: Deployment,
  wanted: ReadonlySet<string>,
  settings: SendBackSettings,
): AsyncGenerator<SentBack> {
  const { perSecond, clock, signal, onStillHidden } = settings;
  const queue = await openParkedQueue(deployment);
  const queueUrls = new Map<QueueName, string>();
  const messagesPerSecond = Math.min(perSecond, MAX_HANDLED_PER_SECOND);
  let leftCount = wanted.size;
  let nextAtMs = 0;
  for await (const held of queue.messages({ messagesPerSecond, signal, onStillHidden })) {
    if (!wanted.has(held.parked.id)) continue;
    await clock.sleep(Math.max(0, nextAtMs - clock.nowMs()), signal);
    nextAtMs = clock.nowMs() + 1000 / perSecond;
    yield await sendOne(deployment, queueUrls, held, settings);
    leftCount -= 1;
    if (leftCount === 0) return;
  }
  signal.throwIfAborted();
}

async function sendOne(
  deployment: Deployment,
  queueUrls: Map<QueueName, string>,
  { parked, remove }: HeldMessage,
  { neededBy }: SendBackSettings,
): Promise<SentBack> {
  const { sqs, stage } = deployment;
  const returned = returnMessage(parked, { stage, ...(neededBy !== undefined && { neededBy }) });
  if (returned.kind === 'unsendable') return { parked, sent: false, problem: returned.problem };
  const { lane, queue, message } = returned;
  try {
    // The URL is requested only when it is needed, because an operator may have access to one queue and not to the others.
    const QueueUrl = queueUrls.get(queue) ?? (await deployment.queueUrl(queue));
    queueUrls.set(queue, QueueUrl);
    await sqs.send(new SendMessageCommand({ QueueUrl, ...message }));
  } catch (error) {
    return { parked, lane, sent: false, problem: explainError(error) };
  }
  try {
    await remove();
    return { parked, lane, sent: true };
  } catch (error) {
    const problem = `The message was sent, but its copy could not be removed from the parked queue: ${explainError(error)}`;
    return { parked, lane, sent: true, problem };
  }
}
