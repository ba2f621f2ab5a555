import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Clock } from '../../lib/platform/clock.ts';
import type { Deployment, QueueName } from '../deployment.ts';
import { explainError } from '../explain-error.ts';
import type { ParkedMessage, ReturnQueue } from './parked-message.ts';
import { type HeldMessage, type LookSettings, openParkedQueue } from './parked-queue.ts';
import { returnMessage } from './return-message.ts';

/** Sending a message and deleting it takes up to a tenth of a second, whatever pace is asked for. */
const MAX_DEALT_WITH_PER_SECOND = 10;

/** What became of one parked message. A problem after it was sent: it is in the parked queue still, besides. */
export interface SentBack {
  parked: ParkedMessage;
  lane?: ReturnQueue;
  sent: boolean;
  problem?: string;
}

export interface SendBackSettings extends Pick<LookSettings, 'signal' | 'onStillHidden'> {
  perSecond: number;
  /** ISO 8601; default: what the request says. */
  neededBy?: string;
  clock: Clock;
}

/**
 * Sends parked messages back, paced: requests to the redrive queue, others to the queue that they came from. Each one is deleted
 * from the parked queue once the other queue has taken it. Sent twice, should an answer get lost, it is answered twice: its key
 * is the same.
 * @param wanted ids; one that is not found any more is not reported
 * @throws what SQS fails with when it is asked for messages; the signal's reason, between two messages
 */
export async function* sendBack(
  deployment: Deployment,
  wanted: ReadonlySet<string>,
  settings: SendBackSettings,
): AsyncGenerator<SentBack> {
  const { perSecond, clock, signal, onStillHidden } = settings;
  const queue = await openParkedQueue(deployment);
  const queueUrls = new Map<QueueName, string>();
  const messagesPerSecond = Math.min(perSecond, MAX_DEALT_WITH_PER_SECOND);
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
    // Asked for when it is needed: who may send to one of them need not be allowed to see the others.
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
    return { parked, lane, sent: true, problem: `It is parked still, besides: ${explainError(error)}` };
  }
}
