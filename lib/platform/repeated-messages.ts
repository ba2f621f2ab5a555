import type { Context } from 'aws-lambda';
import type { IncomingRecord } from './incoming-record.ts';
import type { Log } from './log.ts';
import { type PostponingServices, postponeRecords } from './postpone.ts';

/** By its fourth receive, a message that always crashes the function has crashed it three times. */
const REPEATED_FROM_RECEIVE = 4;
/**
 * When the other messages of the batch return if the process crashes, in multiples of the invocation's remaining time. They return after
 * Lambda has ended the invocation, and before the visibility timeout, which is six times the function's timeout (serverless.yml).
 */
const RETURNS_SOON = { from: 1.2, until: 3 };
/**
 * The same for messages that were received repeatedly: not before the visibility timeout. Otherwise, if a version of greenroom crashes with every
 * message, they would become dead letters within ten hours instead of a day.
 */
const RETURNS_LATER = { from: 6, until: 9 };

interface Services extends PostponingServices {
  random: () => number;
  log: Pick<Log, 'info' | 'warn'>;
}

/**
 * Prepares for a crash of the process. A message that has been received many times may be the one that crashes it. If the batch contains
 * such messages, two things happen:
 *
 * - A log line names them, because a process that crashes writes no later line.
 * - The other messages return at different times. Otherwise SQS would return all messages of the batch together, and the same batch would
 *   crash again and again, until its messages expire or become dead letters.
 *
 * If the process does not crash, this affects only messages that fail with an unexpected error. A handled message is deleted, and a waiting
 * message is postponed again.
 * @param queueUrl the queue of the batch; if it is undefined, the messages return after the visibility timeout
 */
export async function prepareForCrash(
  records: readonly IncomingRecord[],
  queueUrl: string | undefined,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  services: Services,
): Promise<void> {
  const [suspect, ...others] = records.toSorted((a, b) => receivesOf(b) - receivesOf(a));
  if (suspect === undefined || receivesOf(suspect) < REPEATED_FROM_RECEIVE) return;
  const repeated = records.filter((record) => receivesOf(record) >= REPEATED_FROM_RECEIVE);
  const messages = repeated.map((record) => ({ messageId: record.messageId, receiveCount: receivesOf(record) }));
  services.log.info('Messages were received repeatedly', { messages });
  const leftMs = context.getRemainingTimeInMillis();
  const nowMs = services.clock.nowMs();
  const returning = others.map((record) => {
    const { from, until } = receivesOf(record) < REPEATED_FROM_RECEIVE ? RETURNS_SOON : RETURNS_LATER;
    return { record, untilMs: nowMs + (from + services.random() * (until - from)) * leftMs };
  });
  if (queueUrl !== undefined) await postponeRecords(queueUrl, returning, services);
}

function receivesOf({ attributes }: IncomingRecord): number {
  return attributes.ApproximateReceiveCount;
}
