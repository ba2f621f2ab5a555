import type { PaceItem, PaceUpdate } from './pace-item.ts';

/** Who would like to find out whether an open breaker may close. */
export interface Prober {
  ledgerKey: string;
  /** The latest moment at which its room is of use, in the shared time. */
  neededByMs?: number | undefined;
}

/** Probes for the sake of a need are so far apart, however many requests are in a hurry: one call a minute per region. */
const LEAST_GAP_MS = 60_000;
/** Of the time that is left to a request at the last probe, the part after which it may probe itself. */
const SHARE_OF_NEED = 1 / 2;
/** The key that opened the breaker may be the only one in trouble: it lets all others go first. */
const OPENERS_SHARE_OF_NEED = 3 / 4;
const OPENERS_LEAST_GAP_MS = 2 * LEAST_GAP_MS;

/**
 * When a request may probe, in the shared time: by the schedule, which grows to an hour; or sooner, if its room would come too
 * late then. At the latest when half of the time is over that it had left at the last probe.
 */
export function mayProbeAtMs(item: PaceItem, prober: Prober, scheduleMs: ProbeSchedule): number {
  const isOpener = item.opened_by === prober.ledgerKey;
  const bySchedule = (item.open_until ?? 0) + (isOpener ? scheduleMs(item.open_step) : 0);
  if (prober.neededByMs === undefined) return bySchedule;
  const lastMs = lastProbeMs(item, scheduleMs);
  return Math.min(bySchedule, lastMs + afterLastProbeMs(isOpener, prober.neededByMs - lastMs));
}

/** How long the breaker waits after it was opened (step 0) or found still open for the n-th time. */
export type ProbeSchedule = (step: number) => number;

export function probeSchedule(seconds: readonly number[]): ProbeSchedule {
  return (step) => (seconds[Math.min(Math.max(0, step), seconds.length - 1)] ?? 0) * 1000;
}

/**
 * The write that makes a call the probe. Its condition says by itself that it is time, so of several that ask at once only one
 * is let through: each probe moves on either `open_until` or `probed_at`, beyond what the others ask for.
 */
export function probeWrite(
  item: PaceItem,
  prober: Prober,
  { nowMs, freeAtMs }: { nowMs: number /** The next call's slot, after the probe. */; freeAtMs: number },
  scheduleMs: ProbeSchedule,
): PaceUpdate {
  const isOpener = item.opened_by === prober.ledgerKey;
  const isScheduled = nowMs >= (item.open_until ?? 0) + (isOpener ? scheduleMs(item.open_step) : 0);
  const values = { ':now': nowMs, ':free_at': freeAtMs };
  return isScheduled
    ? {
        update: 'SET open_until = :until, open_step = :step, probed_at = :now, free_at = :free_at',
        condition: 'open_until <= :now',
        values: { ...values, ':until': nowMs + scheduleMs(item.open_step), ':step': item.open_step + 1 },
      }
    : {
        // For the sake of a need: the schedule for all others stays, but for the gap.
        update: 'SET open_until = :until, probed_at = :now, free_at = :free_at',
        condition: 'open_until < :beyond AND (attribute_not_exists(probed_at) OR probed_at < :later)',
        values: {
          ...values,
          ':until': Math.max(item.open_until ?? 0, nowMs + LEAST_GAP_MS),
          ':beyond': (item.open_until ?? 0) + 1,
          ':later': lastProbeMs(item, scheduleMs) + 1,
        },
      };
}

/** A worker of the release before notes no `probed_at`, but moves `open_until` on by the schedule at each probe. */
function lastProbeMs(item: PaceItem, scheduleMs: ProbeSchedule): number {
  const scheduledMs = (item.open_until ?? 0) - scheduleMs(item.open_step - 1);
  return Math.max(item.probed_at ?? 0, scheduledMs);
}

function afterLastProbeMs(isOpener: boolean, leftMs: number): number {
  return isOpener
    ? Math.max(OPENERS_LEAST_GAP_MS, leftMs * OPENERS_SHARE_OF_NEED)
    : Math.max(LEAST_GAP_MS, leftMs * SHARE_OF_NEED);
}
