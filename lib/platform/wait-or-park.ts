import type { Random } from './backoff.ts';
import type { Clock } from './clock.ts';
import { firstReceivedMs, type IncomingRecord } from './incoming-record.ts';
import type { Log } from './log.ts';
import { type ParkingServices, parkRecord } from './park.ts';
import { postponeRecords } from './postpone.ts';
import { capByNeed, shareOfAgeMs } from './waits.ts';

/** A message that is not done. Times are epoch milliseconds. */
export interface Unfinished {
  record: IncomingRecord;
  /** Why, for the person who may find it parked. */
  reason: string;
  /** When it is to come again; without it, after a share of the time since it was first received. */
  comesBackAtMs?: number | undefined;
}

export interface WaitingQueue {
  /** Where the messages are given back to; undefined: they come back by themselves. */
  url: string | undefined;
  /** At which age they are parked: see PARKED_AFTER_MS. */
  parkedAfterMs: number;
}

type Services = ParkingServices & { clock: Clock; random: Random; log: Log };

interface Circumstances {
  nowMs: number;
  random: Random;
  /** By when something must have been done for the message, if that is known. */
  neededByMs?: number | undefined;
  /**
   * When somebody last got on with what the message asks for, or meant to look again after that, if that is known: the trouble began
   * after it.
   */
  progressedAtMs?: number | undefined;
}

/**
 * When a message is to come again that failed: after a share of the time for which it has been in trouble: since its last progress,
 * or, if none is known, since it was first received. Receives don't count. One that comes before the planned look waits until then: no
 * trouble has lasted for any time yet, and short waits until then would cost hundreds of receives.
 */
export function tryAgainAtMs(
  record: IncomingRecord,
  { nowMs, neededByMs, random, progressedAtMs }: Circumstances,
): number {
  const sinceMs = troubleSinceMs(record, progressedAtMs);
  const waitMs = Math.max(sinceMs - nowMs, shareOfAgeMs(nowMs - sinceMs, random));
  return nowMs + capByNeed(waitMs, { nowMs, neededByMs });
}

function troubleSinceMs(record: IncomingRecord, progressedAtMs: number | undefined): number {
  return Math.max(firstReceivedMs(record), progressedAtMs ?? 0);
}

/**
 * What waits for another worker looks again when that one's lease ends. Another follows it, perhaps, and another, as long as the
 * manifest takes; so whoever has waited long looks less often.
 */
export function afterLeaseMs(record: IncomingRecord, leaseEndMs: number, circumstances: Circumstances): number {
  return Math.max(leaseEndMs, tryAgainAtMs(record, circumstances));
}

const SHARE_OF_AGE_AFTER_DEADLINE = 1 / 15;

/**
 * What an invocation was too short for goes on soon in the next one. Should it never get any further, for example because S3 is too
 * slow, it must not use up its receives: it pauses for a fifteenth of the time since its last progress.
 */
export function afterDeadlineMs(
  record: IncomingRecord,
  untilMs: number,
  { nowMs, progressedAtMs }: Pick<Circumstances, 'nowMs' | 'progressedAtMs'>,
): number {
  const sinceMs = troubleSinceMs(record, progressedAtMs);
  return Math.max(untilMs, sinceMs, nowMs + Math.floor((nowMs - sinceMs) * SHARE_OF_AGE_AFTER_DEADLINE));
}

/**
 * Gives messages back to their queue until their time; those that their queue would soon delete are parked, for a person.
 * @returns the messages that are not done: all but the parked ones
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
    const postponed = waiting.map(({ record, comesBackAtMs }) => ({
      record,
      untilMs: comesBackAtMs ?? tryAgainAtMs(record, { nowMs, random }),
    }));
    await postponeRecords(url, postponed, services);
  }
  return waiting.map(({ record }) => record);
}

/** @returns whether the parked queue has taken it */
async function park({ record, reason }: Unfinished, services: Services): Promise<boolean> {
  const { messageId } = record;
  const detail = `it waited until its queue would delete it; ${reason}`;
  try {
    await parkRecord(record, { reason: 'unfinished', detail }, services);
    services.log.error('A message has waited for too long, and is parked', { messageId, reason });
    return true;
  } catch (error) {
    services.log.error('A message that has waited for too long could not be parked', {
      messageId,
      error: String(error),
    });
    return false;
  }
}
