import type { Context } from 'aws-lambda';
import type { IncomingRecord } from './incoming-record.ts';
import type { Log } from './log.ts';
import { type PostponingServices, postponeRecords } from './postpone.ts';

/** A message that crashes the function at each receive has then crashed it three times, for about as long as its alarm takes. */
const REPEATED_FROM_RECEIVE = 4;
/**
 * When the other messages of a batch return if the process dies, in multiples of the time that the invocation has left: not before Lambda has
 * ended it, and before the visibility timeout, which is six times the function's timeout (serverless.yml).
 */
const RETURN_FROM = 1.2;
const RETURN_UNTIL = 3;

interface Services extends PostponingServices {
  random: () => number;
  log: Pick<Log, 'info' | 'warn'>;
}

/**
 * Prepares for the death of the process if a message of the batch has been received again and again, because this message may be what
 * kills it:
 *
 * - A log line names these messages. No later line would.
 * - The other messages return at other times. Otherwise SQS returns all messages of the batch together, so the same batch dies
 *   again and again, until its messages expire or become dead letters.
 *
 * If nothing dies, neither has an effect: a message that is handled is deleted, and one that waits is postponed again.
 * @param queueUrl of the queue from which the batch is. Undefined: the messages return when they would anyway
 */
export async function prepareForDeath(
  records: readonly IncomingRecord[],
  queueUrl: string | undefined,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  services: Services,
): Promise<void> {
  const [most, ...others] = records.toSorted((a, b) => receivesOf(b) - receivesOf(a));
  if (most === undefined || receivesOf(most) < REPEATED_FROM_RECEIVE) return;
  const repeated = records.filter((record) => receivesOf(record) >= REPEATED_FROM_RECEIVE);
  const messages = repeated.map((record) => ({ messageId: record.messageId, receiveCount: receivesOf(record) }));
  services.log.info('Messages were received repeatedly', { messages });
  const leftMs = context.getRemainingTimeInMillis();
  const nowMs = services.clock.nowMs();
  const returning = others.map((record) => {
    const share = RETURN_FROM + services.random() * (RETURN_UNTIL - RETURN_FROM);
    return { record, untilMs: nowMs + share * leftMs };
  });
  if (queueUrl !== undefined) await postponeRecords(queueUrl, returning, services);
}

function receivesOf({ attributes }: IncomingRecord): number {
  return attributes.ApproximateReceiveCount;
}
