import type { Context, SQSBatchResponse } from 'aws-lambda';
import { withDeadline } from '../platform/deadline.ts';
import { type IncomingRecord, readRecords } from '../platform/incoming-record.ts';
import { parkRecord } from '../platform/park.ts';
import { prepareForCrash } from '../platform/repeated-messages.ts';
import { PARKED_AFTER_MS } from '../platform/retention.ts';
import { afterDeadlineMs, afterLeaseMs, retryAtMs, type Unfinished, waitOrPark } from '../platform/wait-or-park.ts';
import type { BulkServices } from './bulk-services.ts';
import { type ManifestNotice, type Notices, readNotices } from './manifest-notice.ts';
import { stretch } from './next-check.ts';
import { deliveryOf, type NoticeDelivery, reservedReceives, shouldRenew } from './notice-delivery.ts';
import { renewNotice } from './renew-notice.ts';
import { type JobResult, runBulkJob } from './run-bulk-job.ts';

/** Reads the manifests that S3 announces. A message is done when all of its manifests are read or refused. */
export async function startBulkJobs(
  event: unknown,
  context: Context,
  services: BulkServices,
): Promise<SQSBatchResponse> {
  const deadlineMs = services.clock.nowMs() + context.getRemainingTimeInMillis();
  const records = readRecords(event);
  try {
    await prepareForCrash(records, services.config.manifestQueueUrl, context, services);
    const unfinished = await withDeadline(context, services, async (signal) => {
      const waiting: Unfinished[] = [];
      for (const record of records) waiting.push(...(await processRecord(record, deadlineMs, services, signal)));
      return waiting;
    });
    const queue = { url: services.config.manifestQueueUrl, parkedAfterMs: PARKED_AFTER_MS.manifests };
    const notDone = await waitOrPark(unfinished, queue, services);
    return { batchItemFailures: notDone.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  } finally {
    services.meter.publish();
  }
}

/** A job that is not finished. Times are epoch milliseconds. */
interface Waiting {
  result: JobResult;
  reason: string;
  /** When a reader should check the job again, if enough receives are left. */
  checkMs: number;
}

/**
 * @returns why and when the message returns to its queue: at the earliest time at which one of its jobs must be checked. Empty if the
 *   message is done
 */
async function processRecord(
  record: IncomingRecord,
  deadlineMs: number,
  services: BulkServices,
  signal: AbortSignal,
): Promise<Unfinished[]> {
  const { messageId } = record;
  const delivery = deliveryOf(record);
  let notices: ManifestNotice[];
  try {
    notices = await readOrPark(record, services);
  } catch (error) {
    const { receiveCount } = delivery;
    services.log.error('A notice could not be parked', { messageId, receiveCount, error: String(error) });
    return [{ record, reason: String(error) }];
  }
  const waiting: Waiting[] = [];
  for (const notice of notices) {
    const results = await runBulkJob(notice, { deadlineMs, delivery }, services, signal);
    waiting.push(...results.flatMap((result) => judgeResult(record, result, services)));
  }
  noteOldest(record, waiting, services);
  const nowMs = services.clock.nowMs();
  const isRenewable = waiting.some(({ result }) => isRenewedAfter(result, delivery, nowMs));
  const firstCheckMs = Math.min(...waiting.map(({ checkMs }) => checkMs));
  if (isRenewable && (await renewNotice(record, firstCheckMs, services))) return [];
  return waiting
    .map((each) => ({ record, reason: each.reason, returnsAtMs: returnsAtMs(each, { delivery, nowMs, isRenewable }) }))
    .toSorted((one, other) => one.returnsAtMs - other.returnsAtMs)
    .slice(0, 1);
}

/** Records the time since the last progress, not the age of the message: a large job is not late while its rows are being sent. */
function noteOldest({ attributes }: IncomingRecord, waiting: Waiting[], { clock, meter }: BulkServices): void {
  const sinceMs = waiting.map(({ result }) => Math.max(attributes.SentTimestamp, result.progressedAtMs ?? 0));
  if (sinceMs.length > 0) meter.noteOldest('manifests', Math.max(0, clock.nowMs() - Math.min(...sinceMs)));
}

function isHeld({ outcome }: JobResult): boolean {
  return outcome.kind === 'unfinished' && (outcome.reason === 'outstanding' || outcome.reason === 'lane-full');
}

function isRenewedAfter(result: JobResult, delivery: NoticeDelivery, nowMs: number): boolean {
  if (isHeld(result)) return shouldRenew(delivery, 'held', nowMs);
  return result.hasProgressed && shouldRenew(delivery, 'interrupted', nowMs);
}

/** The manifests that a message announces. An unreadable message is parked for a person, because another attempt would not help. */
async function readOrPark(record: IncomingRecord, services: BulkServices): Promise<ManifestNotice[]> {
  const { messageId } = record;
  let notices: Notices;
  try {
    notices = readNotices(record.body);
  } catch (error) {
    const detail = 'is not a notice of a new object from S3 or EventBridge';
    services.log.error('A notice of a manifest cannot be read, and is parked', { messageId, error: String(error) });
    await parkRecord(record, { reason: 'unparseable', detail }, services);
    return [];
  }
  for (const { key, why } of notices.ignored) services.log.info('An object is not a manifest', { messageId, key, why });
  return notices.manifests;
}

/** @returns why and when the message returns for this job; empty if the job no longer needs it */
function judgeResult(record: IncomingRecord, result: JobResult, services: BulkServices): Waiting[] {
  const { jobId, outcome } = result;
  const checkMs = nextCheckMs(record, result, services);
  if (outcome.kind === 'failed') {
    const { error } = outcome;
    services.log.error('A manifest could not be read', {
      messageId: record.messageId,
      job: jobId,
      receiveCount: record.attributes.ApproximateReceiveCount,
      error: error instanceof Error ? error : String(error),
    });
    return [{ result, reason: String(error), checkMs }];
  }
  services.log.info('Manifest read', { job: jobId, ...outcome });
  return outcome.kind === 'unfinished' ? [{ result, reason: outcome.reason, checkMs }] : [];
}

function nextCheckMs(
  record: IncomingRecord,
  { outcome, progressedAtMs }: JobResult,
  { clock, random }: BulkServices,
): number {
  const circumstances = { nowMs: clock.nowMs(), random, progressedAtMs };
  if (outcome.kind !== 'unfinished') return retryAtMs(record, circumstances);
  const { reason, untilMs } = outcome;
  switch (reason) {
    case 'another-reader':
      return afterLeaseMs(record, untilMs, circumstances);
    case 'deadline':
      return afterDeadlineMs(record, untilMs, circumstances);
    case 'outstanding':
    case 'lane-full':
      return untilMs;
  }
}

/**
 * When a message returns if its notice was not renewed. If progress and problems alternate, waits are short and use up the receives. The
 * receives must last until the message is parked, so the waits become longer when few receives are left. A held pass has already planned
 * its wait in this way, unless it relied on a renewal that then failed.
 */
function returnsAtMs(
  { result, checkMs }: Waiting,
  { delivery, nowMs, isRenewable }: { delivery: NoticeDelivery; nowMs: number; isRenewable: boolean },
): number {
  if (isHeld(result) && !isRenewable) return checkMs;
  const { receiveCount, sentAtMs } = delivery;
  const untilMs = sentAtMs + PARKED_AFTER_MS.manifests;
  // The only pass that is still needed is the one that parks the message.
  return stretch(checkMs, { receiveCount, passesNeeded: 1, nowMs, untilMs, reserved: reservedReceives(delivery) });
}
