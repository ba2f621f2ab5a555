import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { IncomingRecord } from '../platform/incoming-record.ts';
import { toMessageAttributes, toMessageText } from '../platform/message-text.ts';
import { PARKED_AFTER_MS } from '../platform/retention.ts';
import type { Unfinished } from '../platform/wait-or-park.ts';
import type { BulkServices } from './bulk-services.ts';
import type { JobOutcome, JobResult } from './run-bulk-job.ts';

/** How often the notice of a message was sent anew: a message attribute. */
const RENEWALS = 'greenroom-renewals';
/**
 * Lambda counts how often a function sends to the queue that invokes it, and stops the chain after "approximately 16" invocations:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
const MOST_RENEWALS = 10;
/** A job takes a day at most. A notice that is older than this might be parked before its job ends. */
const OLD_MS = PARKED_AFTER_MS.manifests - 24 * 3_600_000;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const MAX_DELAY_SECONDS = 900;

/**
 * Sends the notice of a healthy job anew if its message may not last until the job ends, because an outage has used up most of its
 * receives or its time. A notice whose job does not get on is never renewed: it waits by its age, and is parked in the end.
 * @returns whether it was sent; the message with the old one is then done
 * @throws what SQS fails with
 */
export async function renewIfNeeded(
  record: IncomingRecord,
  results: readonly JobResult[],
  { comesBackAtMs }: Pick<Unfinished, 'comesBackAtMs'>,
  { clients, config, clock, log }: BulkServices,
): Promise<boolean> {
  const nowMs = clock.nowMs();
  const renewals = Number(record.messageAttributes[RENEWALS]?.stringValue ?? 0);
  const isOld = nowMs - record.attributes.SentTimestamp > OLD_MS;
  if (renewals >= MOST_RENEWALS || !results.some(({ outcome }) => needsRenewal(outcome, isOld))) return false;
  const delaySeconds = Math.ceil(Math.max(0, (comesBackAtMs ?? nowMs) - nowMs) / 1000);
  await clients.sqs.send(
    new SendMessageCommand({
      QueueUrl: config.manifestQueueUrl,
      MessageBody: toMessageText(record.body),
      MessageAttributes: toMessageAttributes({ [RENEWALS]: String(renewals + 1) }),
      DelaySeconds: Math.min(MAX_DELAY_SECONDS, delaySeconds),
    }),
  );
  log.info('A notice was sent anew', { messageId: record.messageId, renewals: renewals + 1 });
  return true;
}

function needsRenewal(outcome: JobOutcome, isOld: boolean): boolean {
  // Only a manifest that was read to its end has a number of receives that it needs.
  return outcome.kind === 'unfinished' && 'isScarce' in outcome && (isOld || outcome.isScarce);
}
