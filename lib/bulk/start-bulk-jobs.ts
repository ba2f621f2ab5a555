import type { Context, SQSBatchResponse } from 'aws-lambda';
import { withDeadline } from '../platform/deadline.ts';
import { type IncomingRecord, readRecords } from '../platform/incoming-record.ts';
import { parkRecord } from '../platform/park.ts';
import { PARKED_AFTER_MS } from '../platform/retention.ts';
import { afterDeadlineMs, afterLeaseMs, tryAgainAtMs, type Unfinished, waitOrPark } from '../platform/wait-or-park.ts';
import type { BulkServices } from './bulk-services.ts';
import { type ManifestNotice, type Notices, readNotices } from './manifest-notice.ts';
import { stretch } from './next-look.ts';
import { renewIfNeeded } from './renew-notice.ts';
import { type JobResult, runBulkJob } from './run-bulk-job.ts';

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
      waiting.push(...(await processRecord(record, deadlineMs, services, signal)));
    return waiting;
  });
  const queue = { url: services.config.manifestQueueUrl, parkedAfterMs: PARKED_AFTER_MS.manifests };
  const notDone = await waitOrPark(unfinished, queue, services);
  return { batchItemFailures: notDone.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

function byTime(a: Unfinished, b: Unfinished): number {
  return (a.comesBackAtMs ?? 0) - (b.comesBackAtMs ?? 0);
}

/** @returns why the message is to come again, and when: as soon as one of its jobs needs it; nothing if it is done */
async function processRecord(
  record: IncomingRecord,
  deadlineMs: number,
  services: BulkServices,
  signal: AbortSignal,
): Promise<Unfinished[]> {
  const { messageId, attributes } = record;
  const receiveCount = attributes.ApproximateReceiveCount;
  let notices: ManifestNotice[];
  try {
    notices = await readOrPark(record, services);
  } catch (error) {
    services.log.error('A notice could not be parked', { messageId, receiveCount, error: String(error) });
    return [{ record, reason: String(error) }];
  }
  const results: JobResult[] = [];
  for (const notice of notices)
    results.push(...(await runBulkJob(notice, { deadlineMs, receiveCount }, services, signal)));
  const [first] = results.flatMap((result) => judgeResult(record, result, services)).toSorted(byTime);
  if (first === undefined) return [];
  return (await isRenewed(record, results, first, services)) ? [] : [first];
}

/** A notice that can't be sent anew waits on as it is. */
async function isRenewed(
  record: IncomingRecord,
  results: readonly JobResult[],
  first: Unfinished,
  services: BulkServices,
): Promise<boolean> {
  try {
    return await renewIfNeeded(record, results, first, services);
  } catch (error) {
    services.log.warn('A notice could not be sent anew', { messageId: record.messageId, error: String(error) });
    return false;
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
    await parkRecord(record, { reason: 'unparseable', detail }, services);
    return [];
  }
  for (const { key, why } of notices.ignored) services.log.info('An object is no manifest', { messageId, key, why });
  return notices.manifests;
}

/** @returns when the message is to come again for this job; nothing if the job does not need it any more */
function judgeResult(record: IncomingRecord, result: JobResult, services: BulkServices): Unfinished[] {
  const { jobId, outcome } = result;
  const comesBack = { record, comesBackAtMs: comesBackAtMs(record, result, services) };
  if (outcome.kind === 'failed') {
    const { error } = outcome;
    services.log.error('A manifest could not be read', {
      messageId: record.messageId,
      job: jobId,
      receiveCount: record.attributes.ApproximateReceiveCount,
      error: error instanceof Error ? error : String(error),
    });
    return [{ ...comesBack, reason: String(error) }];
  }
  services.log.info('Manifest read', { job: jobId, ...outcome });
  return outcome.kind === 'unfinished' ? [{ ...comesBack, reason: outcome.reason }] : [];
}

function comesBackAtMs(
  record: IncomingRecord,
  { outcome, progressedAtMs }: JobResult,
  { clock, random }: BulkServices,
): number | undefined {
  const nowMs = clock.nowMs();
  const circumstances = { nowMs, random, progressedAtMs };
  if (outcome.kind === 'failed') return sparing(record, tryAgainAtMs(record, circumstances), nowMs);
  if (outcome.kind !== 'unfinished') return undefined;
  const { reason, untilMs } = outcome;
  switch (reason) {
    case 'another-reader':
      return sparing(record, afterLeaseMs(record, untilMs, circumstances), nowMs);
    case 'deadline':
      return sparing(record, afterDeadlineMs(record, untilMs, circumstances), nowMs);
    case 'outstanding':
    case 'lane-full':
      return untilMs;
  }
}

/** A trouble that comes again after every progress waits briefly each time; the receives must suffice until the message is parked. */
function sparing({ attributes }: IncomingRecord, lookMs: number, nowMs: number): number {
  const { ApproximateReceiveCount: receiveCount, SentTimestamp } = attributes;
  // Only the pass that parks it is still needed.
  return stretch(lookMs, {
    receiveCount,
    passesNeeded: 1,
    nowMs,
    untilMs: SentTimestamp + PARKED_AFTER_MS.manifests,
  });
}
