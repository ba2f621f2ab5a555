import type { Context, SQSBatchResponse } from 'aws-lambda';
import { backoffMs } from '../../platform/backoff.ts';
import { type IncomingRecord, readRecords } from '../../provisioning/incoming-record.ts';
import { type PostponedRecord, postponeRecords } from '../../provisioning/postpone.ts';
import { withDeadline } from '../with-deadline.ts';
import type { BulkServices } from './bulk-services.ts';
import { bulkJobId, type ManifestNotice, readNotices } from './manifest-notice.ts';
import { runBulkJob } from './run-bulk-job.ts';

const BACKOFF = { baseMs: 2_000, capMs: 300_000 };

/** Reads the manifests that S3 tells of. A message is done when all of its manifests are read or refused. */
export async function startBulkJobs(
  event: unknown,
  context: Context,
  services: BulkServices,
): Promise<SQSBatchResponse> {
  const deadlineMs = services.clock.nowMs() + context.getRemainingTimeInMillis();
  const unfinished = await withDeadline(context, services, async (signal) => {
    const postponed: PostponedRecord[] = [];
    for (const record of readRecords(event)) {
      const untilMs = await processRecord(record, deadlineMs, services, signal);
      if (untilMs !== undefined) postponed.push({ record, untilMs });
    }
    return postponed;
  });
  await postponeRecords(services.config.manifestQueueUrl, unfinished, services);
  return { batchItemFailures: unfinished.map(({ record }) => ({ itemIdentifier: record.messageId })) };
}

/** @returns when the message is to come again, if it is not done */
async function processRecord(
  record: IncomingRecord,
  deadlineMs: number,
  services: BulkServices,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { messageId, attributes } = record;
  try {
    const comeAgainMs: number[] = [];
    for (const notice of readNotices(record.body)) {
      const untilMs = await processNotice(notice, deadlineMs, services, signal);
      if (untilMs !== undefined) comeAgainMs.push(untilMs);
    }
    return comeAgainMs.length > 0 ? Math.min(...comeAgainMs) : undefined;
  } catch (error) {
    services.log.error('A manifest could not be read', {
      messageId,
      receiveCount: attributes.ApproximateReceiveCount,
      error: error instanceof Error ? error : String(error),
    });
    return services.clock.nowMs() + backoffMs(attributes.ApproximateReceiveCount, BACKOFF, services.random);
  }
}

async function processNotice(
  notice: ManifestNotice,
  deadlineMs: number,
  services: BulkServices,
  signal: AbortSignal,
): Promise<number | undefined> {
  const outcome = await runBulkJob(notice, deadlineMs, services, signal);
  services.log.info('Manifest read', { job: bulkJobId(notice), ...outcome });
  return outcome.kind === 'unfinished' ? outcome.untilMs : undefined;
}
