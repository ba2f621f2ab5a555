import type { PaceItem } from './pace-item.ts';
import type { PaceUpdate } from './pace-table.ts';

/** Who would like to find out whether an open breaker may close. Times are of the shared time in here. */
export interface Prober {
  ledgerKey: string;
  tenant?: string | undefined;
  /** The latest moment at which its room is of use. */
  neededByMs?: number | undefined;
  /** Since when it has waited for the region; if it has called CreateRoom itself meanwhile, since then. */
  waitsSinceMs?: number | undefined;
}

/** What is to be stored if a probe of the schedule finds the region still closed. One for the sake of a need changes nothing. */
export interface NextProbe {
  untilMs: number;
  step: number;
}

/** A probe that may be made: its write, and what follows should the region be still closed. */
export interface PlannedProbe {
  write: PaceUpdate;
  next: NextProbe | undefined;
}

/**
 * Probes are so far apart, however many requests are in a hurry: one call a minute per region. A probe whose answer tells
 * nothing of the region, or that nobody answers, costs the others no more than this.
 */
export const LEAST_GAP_MS = 60_000;
/** Whose probe has told nothing lets the others go first for so long; and who has come since, for one gap. */
const FRUITLESS_YIELD_MS = 3 * LEAST_GAP_MS;
/** Of the time that is left to a request, the part after which it may probe itself. */
const SHARE_OF_NEED = 1 / 2;
/** The key that opened the breaker may be the only one in trouble: it lets all others go first. */
const OPENERS_SHARE_OF_NEED = 3 / 4;
/** Whose fruitless probes are remembered. There is one a minute, and the next answer about the region forgets them all. */
const MOST_FRUITLESS = 30;

/**
 * When a request may probe, in the shared time: by the schedule, which grows to an hour; or sooner, if its room would come too
 * late then. At the latest when half of the time is over that it had left at the last probe, or when it began to wait.
 */
export function mayProbeAtMs(item: PaceItem, prober: Prober, scheduleMs: ProbeSchedule): number {
  const bySchedule = scheduledAtMs(item, prober, scheduleMs);
  const { neededByMs } = prober;
  return neededByMs === undefined
    ? bySchedule
    : Math.min(bySchedule, neededAtMs(item, { ...prober, neededByMs }, scheduleMs));
}

/** How long the breaker waits after it was opened (step 0) or found still open for the n-th time. */
export type ProbeSchedule = (step: number) => number;

export function probeSchedule(seconds: readonly number[]): ProbeSchedule {
  return (step) => (seconds[Math.min(Math.max(0, step), seconds.length - 1)] ?? 0) * 1000;
}

/**
 * The write that makes a call the probe. Its condition says by itself that it is time, so of several that ask at once only one
 * is let through: each probe moves on either `open_until` or `probed_at`, beyond what the others ask for.
 *
 * It is a lease of a minute: the schedule moves on only when the answer is there that the region is still closed.
 */
export function planProbe(
  item: PaceItem,
  prober: Prober,
  { nowMs, freeAtMs }: { nowMs: number /** The next call's slot, after the probe. */; freeAtMs: number },
  scheduleMs: ProbeSchedule,
): PlannedProbe {
  const isScheduled = nowMs >= scheduledAtMs(item, prober, scheduleMs);
  const leasedUntilMs = nowMs + leaseMs(item, scheduleMs);
  const isFull = (item.fruitless?.size ?? 0) >= MOST_FRUITLESS;
  const set = 'SET open_until = :until, probed_at = :now, probed_by = :key, free_at = :free_at';
  const update = isFull ? `${set}, fruitless = :marks` : `${set} ADD fruitless :marks`;
  const values = {
    now: nowMs,
    free_at: freeAtMs,
    key: prober.ledgerKey,
    marks: new Set([markOf(prober)]),
  };
  if (isScheduled)
    return {
      write: { update, condition: 'open_until <= :now', values: { ...values, until: leasedUntilMs } },
      next: { untilMs: nowMs + scheduleMs(item.open_step), step: item.open_step + 1 },
    };
  // For the sake of a need: the schedule for all others stays, but for the gap.
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

/** The write for another call of the request whose probe came to nothing just now, a throttle say: it is still its turn. */
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

function scheduledAtMs(item: PaceItem, prober: Prober, scheduleMs: ProbeSchedule): number {
  const openUntilMs = item.open_until ?? 0;
  if (isUnanswered(item)) return openUntilMs + yieldMs(item, prober, prober.waitsSinceMs ?? 0);
  return openUntilMs + (isOpener(item, prober) ? scheduleMs(item.open_step) : 0);
}

function neededAtMs(item: PaceItem, prober: Prober & { neededByMs: number }, scheduleMs: ProbeSchedule): number {
  const lastMs = lastProbeMs(item, scheduleMs);
  // Others' probes don't put off its own: only the gap after them does.
  const fromMs = Math.min(lastMs, prober.waitsSinceMs ?? lastMs);
  const opener = isOpener(item, prober);
  const dueMs = fromMs + (prober.neededByMs - fromMs) * (opener ? OPENERS_SHARE_OF_NEED : SHARE_OF_NEED);
  const openersYieldMs = opener ? LEAST_GAP_MS : 0;
  const behindMs = isUnanswered(item) ? yieldMs(item, prober, dueMs) : openersYieldMs;
  return Math.max(dueMs, lastMs + LEAST_GAP_MS + behindMs);
}

/**
 * How much later than others a request may probe after a probe that told nothing. Those go first who were waiting then: of a
 * request a minute that is refused, each would be the probe.
 */
function yieldMs(item: PaceItem, prober: Prober, wouldProbeSinceMs: number): number {
  const isNew = wouldProbeSinceMs > (item.probed_at ?? 0);
  const wasFruitless = item.fruitless?.has(markOf(prober)) ?? false;
  return (isNew ? LEAST_GAP_MS : 0) + (wasFruitless ? FRUITLESS_YIELD_MS : 0);
}

/** Whether the last probe has told nothing of the region: it is under way, its worker died, or its answer was about its request. */
function isUnanswered({ probed_by }: PaceItem): boolean {
  return probed_by !== undefined;
}

/** Requests of one tenant are likely wrong in the same way. */
function markOf({ tenant, ledgerKey }: Prober): string {
  return tenant === undefined ? `key ${ledgerKey}` : `tenant ${tenant}`;
}

function isOpener({ opened_by }: PaceItem, { ledgerKey }: Prober): boolean {
  return opened_by === ledgerKey;
}

function leaseMs({ open_step }: PaceItem, scheduleMs: ProbeSchedule): number {
  return Math.min(LEAST_GAP_MS, scheduleMs(open_step));
}

/** A worker of the release before notes no `probed_at`, but moves `open_until` on by the schedule at each probe. */
function lastProbeMs(item: PaceItem, scheduleMs: ProbeSchedule): number {
  const scheduledMs = (item.open_until ?? 0) - scheduleMs(item.open_step - 1);
  return Math.max(item.probed_at ?? 0, scheduledMs);
}
