import type { Random } from './backoff.ts';
import type { Clock } from './clock.ts';
import { firstReceivedMs, type IncomingRecord } from './incoming-record.ts';
import type { Log } from './log.ts';
import { type ParkingServices, parkRecord } from './park.ts';
import { postponeRecords } from './postpone.ts';
import { capByNeededBy, shareOfAgeMs } from './waits.ts';

/** A message that is not done. Times are epoch milliseconds. */
export interface Unfinished {
  record: IncomingRecord;
  /** Why it is not done. The note of a parked message contains this text. */
  reason: string;
  /** When the message returns. By default, it returns after a fraction of the time since it was first received. */
  returnsAtMs?: number | undefined;
}

export interface WaitingQueue {
  /** The queue to which the messages return. If it is undefined, they return after the visibility timeout. */
  url: string | undefined;
  /** The age at which they are parked: see PARKED_AFTER_MS. */
  parkedAfterMs: number;
}

type Services = ParkingServices & { clock: Clock; random: Random; log: Log };

interface Circumstances {
  nowMs: number;
  random: Random;
  /** The time by which the message must be handled, if that is known. */
  neededByMs?: number | undefined;
  /**
   * When the work on the message last made progress or, if that is later, when its next step was due; undefined if unknown. The current
   * problem began at this time or later.
   */
  progressedAtMs?: number | undefined;
}

/**
 * When a message that failed returns: after a fraction of the time that its problem has lasted. The problem has lasted since the last
 * progress or since the message was first received, whichever is later. The number of receives does not matter. If a message is received
 * before its next step is due, it waits until the step is due, because many short waits would cost hundreds of receives.
 */
export function retryAtMs(
  record: IncomingRecord,
  { nowMs, neededByMs, random, progressedAtMs }: Circumstances,
): number {
  const sinceMs = problemSinceMs(record, progressedAtMs);
  const waitMs = Math.max(sinceMs - nowMs, shareOfAgeMs(nowMs - sinceMs, random));
  return nowMs + capByNeededBy(waitMs, { nowMs, neededByMs });
}

function problemSinceMs(record: IncomingRecord, progressedAtMs: number | undefined): number {
  return Math.max(firstReceivedMs(record), progressedAtMs ?? 0);
}

/**
 * When a message that waits for another worker returns: when the lease of that worker ends. Other workers may then take the lease in turn,
 * until the manifest is finished, so a message that has waited for a long time returns less often.
 */
export function afterLeaseMs(record: IncomingRecord, leaseEndMs: number, circumstances: Circumstances): number {
  return Math.max(leaseEndMs, retryAtMs(record, circumstances));
}

const SHARE_OF_AGE_AFTER_DEADLINE = 1 / 15;

/**
 * When the next invocation continues work that this one could not finish: usually soon. If the work makes no progress, for example because
 * S3 is too slow, it pauses for a fifteenth of the time since its last progress. Otherwise it would use up the receives.
 */
export function afterDeadlineMs(
  record: IncomingRecord,
  untilMs: number,
  { nowMs, progressedAtMs }: Pick<Circumstances, 'nowMs' | 'progressedAtMs'>,
): number {
  const sinceMs = problemSinceMs(record, progressedAtMs);
  return Math.max(untilMs, sinceMs, nowMs + Math.floor((nowMs - sinceMs) * SHARE_OF_AGE_AFTER_DEADLINE));
}

/**
 * Returns each message to its queue until it is due again, and parks the messages that the queue would soon delete.
 * @returns the messages that are not done: all except the parked ones
 */
export async function waitOrPark(
  unfinished: readonly Unfinished[],
  { url, parkedAfterMs }: WaitingQueue,
  services: Services,
): Promise<IncomingRecord[]> {
  const { clock, random } = services;
  const isOld = ({ record }: Unfinished) => clock.nowMs() - record.attributes.SentTimestamp > parkedAfterMs;
  const isParked = await Promise.all(unfinished.map(async (each) => isOld(each) && (await park(each, services))));
  const waiting = unfinished.filter((_, index) => !isParked[index]);
  if (url !== undefined) {
    const nowMs = clock.nowMs();
    const postponed = waiting.map(({ record, returnsAtMs }) => ({
      record,
      untilMs: returnsAtMs ?? retryAtMs(record, { nowMs, random }),
    }));
    await postponeRecords(url, postponed, services);
  }
  return waiting.map(({ record }) => record);
}

/** @returns whether the parked queue has accepted the message */
async function park({ record, reason }: Unfinished, services: Services): Promise<boolean> {
  const { messageId } = record;
  const detail = `it waited so long that its queue would soon have deleted it; ${reason}`;
  try {
    await parkRecord(record, { reason: 'unfinished', detail }, services);
    services.log.error('Parked a message that has waited too long', { messageId, reason });
    return true;
  } catch (error) {
    services.log.error('Could not park a message that has waited too long', {
      messageId,
      error: String(error),
    });
    return false;
  }
}
