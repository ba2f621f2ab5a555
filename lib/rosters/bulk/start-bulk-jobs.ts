import type { Context, SQSBatchResponse } from 'aws-lambda';
import { PARKED_AFTER_MS } from '../../platform/retention.ts';
import { type IncomingRecord, readRecords } from '../../provisioning/incoming-record.ts';
import { parkRecord } from '../../provisioning/park.ts';
import { afterDeadlineMs, afterLeaseMs, type Unfinished, waitOrPark } from '../wait-or-park.ts';
import { withDeadline } from '../with-deadline.ts';
import type { BulkServices } from './bulk-services.ts';
import { bulkJobId, type ManifestNotice, type Notices, readNotices } from './manifest-notice.ts';
import { type JobOutcome, runBulkJob } from './run-bulk-job.ts';

/** Reads the manifests that S3 tells of. A message is done when all of its manifests are read or refused. */
export async function startBulkJobs(
  event: unknown,
  context: Context,
  services: BulkServices,
): Promise<SQSBatchResponse> {
  const deadlineMs = services.clock.nowMs() + context.getRemainingTimeInMillis();
  const unfinished = await withDeadline(context, services, async (signal) => {
    const waiting: Unfinished[] = [];
    for (const record of readRecords(event))
      waiting.push(...(await processRecord(record, deadlineMs, services, signal)).toSorted(byTime).slice(0, 1));
    return waiting;
  });
  const queue = { url: services.config.manifestQueueUrl, parkedAfterMs: PARKED_AFTER_MS.manifests };
  const notDone = await waitOrPark(unfinished, queue, services);
  return { batchItemFailures: notDone.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

function byTime(a: Unfinished, b: Unfinished): number {
  return (a.comesBackAtMs ?? 0) - (b.comesBackAtMs ?? 0);
}

/** @returns why the message is to come again, and when; nothing if it is done */
async function processRecord(
  record: IncomingRecord,
  deadlineMs: number,
  services: BulkServices,
  signal: AbortSignal,
): Promise<Unfinished[]> {
  const { messageId, attributes } = record;
  try {
    const notices = await readOrPark(record, services);
    const unfinished: Unfinished[] = [];
    const turn = { deadlineMs, receiveCount: attributes.ApproximateReceiveCount };
    for (const notice of notices) unfinished.push(...(await processNotice(record, notice, turn, services, signal)));
    return unfinished;
  } catch (error) {
    services.log.error('A manifest could not be read', {
      messageId,
      receiveCount: attributes.ApproximateReceiveCount,
      error: error instanceof Error ? error : String(error),
    });
    return [{ record, reason: String(error) }];
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
  record: IncomingRecord,
  notice: ManifestNotice,
  turn: { deadlineMs: number; receiveCount: number },
  services: BulkServices,
  signal: AbortSignal,
): Promise<Unfinished[]> {
  const outcome = await runBulkJob(notice, turn, services, signal);
  services.log.info('Manifest read', { job: bulkJobId(notice), ...outcome });
  if (outcome.kind !== 'unfinished') return [];
  const { reason } = outcome;
  return [{ record, reason, comesBackAtMs: comesBackAtMs(record, outcome, services) }];
}

function comesBackAtMs(
  record: IncomingRecord,
  { reason, untilMs }: Extract<JobOutcome, { kind: 'unfinished' }>,
  { clock, random }: BulkServices,
): number {
  const nowMs = clock.nowMs();
  switch (reason) {
    case 'another-reader':
      return afterLeaseMs(record, untilMs, { nowMs, random });
    case 'deadline':
      return afterDeadlineMs(record, untilMs, nowMs);
    case 'outstanding':
    case 'lane-full':
      return untilMs;
  }
}
