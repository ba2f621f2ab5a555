import { LANES } from '../../lib/contract/lanes.ts';
import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';
import { pausedNow } from '../../lib/pace/operator-settings.ts';
import type { PaceItem } from '../../lib/pace/pace-item.ts';
import { POSTPONE_REASONS, type PostponeReason } from '../../lib/provisioning/postponement.ts';
import { returnsAtMs } from '../../lib/provisioning/wait-times.ts';

/** The reason why a request waits, if its ledger item and the pace item show it. Times are epoch milliseconds. */
export interface RequestWait {
  reason: string;
  sinceMs: number;
  /** The time of the last attempt. */
  lastMs: number;
  count: number;
  /** The latest time at which the next attempt is due; undefined if the items do not show it. */
  untilMs: number | undefined;
}

const REGION_IS_CLOSED: readonly PostponeReason[] = ['breaker-open', 'quota', 'blocked', 'denied'];

/**
 * Determines why a request was last postponed. A worker may already be handling the request again.
 * @param pace the item of CreateRoom in the request's region
 * @returns undefined if the request is answered, or was never postponed for a reason that the ledger records
 */
export function waitOf(item: LedgerItem, pace: PaceItem): RequestWait | undefined {
  if (item.status === 'COMPLETED') return undefined;
  const [latest] = Object.entries(item.waits ?? {}).toSorted(([, a], [, b]) => b.last - a.last);
  if (latest === undefined) return undefined;
  const [reason, { first, last, count }] = latest;
  const wait = { reason, sinceMs: first, lastMs: last, count };
  const known = POSTPONE_REASONS.find((each) => each === reason);
  return { ...wait, untilMs: known && dueAtMs(known, wait, item, pace) };
}

function dueAtMs(
  reason: PostponeReason,
  { sinceMs, lastMs, count }: Omit<RequestWait, 'untilMs'>,
  item: LedgerItem,
  pace: PaceItem,
): number | undefined {
  // The settle time is part of the functions' configuration, and the next slot was known only to the worker.
  if (reason === 'unsettled' || reason === 'no-slot') return undefined;
  const endsAtMs = endOf(reason, lastMs, pace);
  const circumstances = { nowMs: lastMs, sinceMs, count, neededByMs: item.needed_by ?? lastMs };
  const why = { reason, endsAtMs };
  return Math.max(...[0, 1].map((random) => returnsAtMs(why, { ...circumstances, random: () => random })));
}

/** When the cause of a wait ends, if the pace item shows it. */
function endOf(reason: PostponeReason, lastMs: number, pace: PaceItem): number | undefined {
  if (reason === 'paused') return endOfPause(lastMs, pace);
  return REGION_IS_CLOSED.includes(reason) ? pace.open_until : undefined;
}

/** The items do not show the lane of the request. If both lanes are paused, the pause that ends later counts. */
function endOfPause(lastMs: number, pace: PaceItem): number | undefined {
  const ends = LANES.flatMap((lane) => pausedNow(pace, lane, lastMs) ?? []).map(({ untilMs }) => untilMs);
  const known = ends.filter((untilMs) => untilMs !== undefined);
  return known.length === 0 || known.length < ends.length ? undefined : Math.max(...known);
}
