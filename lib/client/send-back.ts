import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Clock } from '../platform/clock.ts';
import type { Deployment } from './deployment.ts';
import { explainError } from './explain-error.ts';
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
 * Sends parked messages to the queues that they came from, paced, each one deleted from the parked queue once its own queue
 * has taken it. Sent twice, should an answer get lost, it is answered twice: its key is the same.
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
  const queueUrls = {
    interactive: await deployment.queueUrl('interactive'),
    bulk: await deployment.queueUrl('bulk'),
    'live-events': await deployment.queueUrl('live-events'),
  };
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
  { sqs, stage }: Deployment,
  queueUrls: Record<ReturnQueue, string>,
  { parked, remove }: HeldMessage,
  { clock, neededBy }: SendBackSettings,
): Promise<SentBack> {
  const times = { sentAt: new Date(clock.nowMs()), ...(neededBy !== undefined && { neededBy }) };
  const returned = returnMessage(parked, { stage, ...times });
  if (returned.kind === 'unsendable') return { parked, sent: false, problem: returned.problem };
  const { lane, message } = returned;
  try {
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrls[lane], ...message }));
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
