import { IS_FREED } from './freed-quota.ts';
import type { PaceItem } from './pace-item.ts';
import type { PaceUpdate } from './pace-table.ts';
import { freedAtMs, lastProbeMs, MIN_GAP_MS, markOf, type NextProbe, type Prober, scheduledAtMs } from './probe.ts';
import type { ProbeSchedule } from './probe-schedule.ts';

/** A probe that may be sent: its write, and the values that are stored if the region is still closed. */
export interface PlannedProbe {
  write: PaceUpdate;
  next: NextProbe | undefined;
}

/** The maximum number of stored marks of inconclusive probes. Each probe adds at most one, and a conclusive response removes all. */
const MAX_MARKS = 30;

/**
 * The write that makes a call the probe. Its condition requires that the probe is due. Only one of several concurrent writes succeeds,
 * because it moves `open_until` or `probed_at` beyond the values that the conditions of the others allow.
 *
 * The write leases the probe for at most a minute. The schedule advances only when a response shows that the region is still closed, and only
 * if the probe was scheduled. A probe after a release gets a lease too, so that another request probes soon if its worker crashes.
 */
export function planProbe(
  item: PaceItem,
  prober: Prober,
  { nowMs, freeAtMs }: { nowMs: number /** The next call's slot, after the probe. */; freeAtMs: number },
  scheduleMs: ProbeSchedule,
): PlannedProbe {
  const isScheduled = nowMs >= scheduledAtMs(item, prober, scheduleMs);
  const leasedUntilMs = nowMs + leaseMs(item, scheduleMs);
  const { update, values } = becomeProbe(item, prober, { nowMs, freeAtMs });
  if (isScheduled)
    return {
      write: { update, condition: 'open_until <= :now', values: { ...values, until: leasedUntilMs } },
      next: { untilMs: nowMs + scheduleMs(item.open_step, item.open_reason), step: item.open_step + 1 },
    };
  if (nowMs >= freedAtMs(item, prober))
    return {
      write: { update, condition: IS_FREED, values: { ...values, until: leasedUntilMs, quota: 'quota' } },
      next: { untilMs: Math.max(item.open_until ?? 0, leasedUntilMs), step: item.open_step },
    };
  // A probe outside the schedule does not change the schedule of the other requests, except that the next probe must keep the gap.
  return {
    write: {
      update,
      condition: 'open_until < :beyond AND (attribute_not_exists(probed_at) OR probed_at < :later)',
      values: {
        ...values,
        until: Math.max(item.open_until ?? 0, leasedUntilMs),
        beyond: (item.open_until ?? 0) + 1,
        later: lastProbeMs(item, scheduleMs) + 1,
      },
    },
    next: undefined,
  };
}

/** The part of the write that all probes share: everything except the time of the next scheduled probe. */
function becomeProbe(item: PaceItem, prober: Prober, { nowMs, freeAtMs }: { nowMs: number; freeAtMs: number }) {
  const isFull = (item.fruitless?.size ?? 0) >= MAX_MARKS;
  const set = 'SET open_until = :until, probed_at = :now, probed_by = :key, free_at = :free_at';
  return {
    update: isFull ? `${set}, fruitless = :marks` : `${set} ADD fruitless :marks`,
    values: { now: nowMs, free_at: freeAtMs, key: prober.ledgerKey, marks: new Set([markOf(prober)]) },
  };
}

/**
 * The write for a repeated probe. The last probe of the request had no result (for example because it was throttled), so the request may
 * probe again.
 */
export function probeAgain(
  item: PaceItem,
  { ledgerKey }: Prober,
  { nowMs, freeAtMs }: { nowMs: number; freeAtMs: number },
  scheduleMs: ProbeSchedule,
): PaceUpdate {
  return {
    update: 'SET open_until = :until, probed_at = :now, free_at = :free_at',
    condition: 'attribute_exists(open_until) AND probed_by = :key',
    values: {
      now: nowMs,
      free_at: freeAtMs,
      key: ledgerKey,
      until: Math.max(item.open_until ?? 0, nowMs + leaseMs(item, scheduleMs)),
    },
  };
}

function leaseMs({ open_step, open_reason }: PaceItem, scheduleMs: ProbeSchedule): number {
  return Math.min(MIN_GAP_MS, scheduleMs(open_step, open_reason));
}
