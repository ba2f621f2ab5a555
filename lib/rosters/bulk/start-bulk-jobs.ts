import type { Context, SQSBatchResponse } from 'aws-lambda';
import { backoffMs } from '../../platform/backoff.ts';
import { type IncomingRecord, readRecords } from '../../provisioning/incoming-record.ts';
import { parkRecord } from '../../provisioning/park.ts';
import { type PostponedRecord, postponeRecords } from '../../provisioning/postpone.ts';
import { withDeadline } from '../with-deadline.ts';
import type { BulkServices } from './bulk-services.ts';
import { bulkJobId, type ManifestNotice, type Notices, readNotices } from './manifest-notice.ts';
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
    const notices = await readOrPark(record, services);
    const comeAgainMs: number[] = [];
    for (const notice of notices) {
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

/** The manifests that a message tells of. One that tells of nothing readable is for a person: waiting makes it no better. */
async function readOrPark(record: IncomingRecord, services: BulkServices): Promise<ManifestNotice[]> {
  const { messageId } = record;
  let notices: Notices;
  try {
    notices = readNotices(record.body);
  } catch (error) {
    const detail = 'is no notice of a new object from S3 or EventBridge';
    services.log.error('A notice of a manifest can not be read, and is parked', { messageId, error: String(error) });
    await parkRecord(record, { kind: 'parked', reason: 'unparseable', detail }, services);
    return [];
  }
  for (const { key, why } of notices.ignored) services.log.info('An object is no manifest', { messageId, key, why });
  return notices.manifests;
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
