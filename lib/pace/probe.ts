import type { PaceItem } from './pace-item.ts';
import type { PaceUpdate } from './pace-table.ts';

/** A request that may probe an open breaker. In this file, all times are in the shared time. */
export interface Prober {
  ledgerKey: string;
  tenant?: string | undefined;
  /** When its room is needed. */
  neededByMs?: number | undefined;
  /** When it began to wait for the region, or made its own last CreateRoom call, whichever is later. */
  waitsSinceMs?: number | undefined;
  /** Whether a call for its key was denied. */
  wasDenied?: boolean | undefined;
}

/** What is stored if a scheduled probe finds the region still closed. A probe outside the schedule does not advance the schedule. */
export interface NextProbe {
  untilMs: number;
  step: number;
}

/** A probe that may be sent: its write, and what is stored if the region is still closed. */
export interface PlannedProbe {
  write: PaceUpdate;
  next: NextProbe | undefined;
}

/**
 * The shortest time between two probes of a region, no matter how many requests are urgent. An inconclusive probe delays the requests that
 * were already waiting by at most this time.
 */
export const MIN_GAP_MS = 60_000;
/**
 * How much later than others a request may probe after an inconclusive probe of its own or of its tenant. A request that arrived after the
 * probe waits only one gap longer than others.
 */
const INCONCLUSIVE_YIELD_MS = 3 * MIN_GAP_MS;
/** The share of its remaining time after which a request may probe. */
const SHARE_OF_REMAINING_TIME = 1 / 2;
/** The share for the key that opened the breaker. It may be the only key with the problem, so all others go first. */
const OPENER_SHARE_OF_REMAINING_TIME = 3 / 4;
/** The maximum number of stored marks of inconclusive probes. At most one is added per minute, and a conclusive response removes all. */
const MAX_MARKS = 30;
/** How many different keys must be denied in a row before the whole account counts as denied. */
export const DENIED_KEYS_TO_OPEN = 3;
/** If this many different tenants are denied, all tenants count as denied. Otherwise each further tenant would cost a probe. */
const DENIED_TENANTS_TO_DENY_ALL = 10;
/** The longest time for which denied requests let others probe first. The others return within five minutes (wait-times.ts). */
const MAX_DENIED_YIELD_MS = 5 * MIN_GAP_MS;

/**
 * When a request may probe. The schedule, whose intervals grow to an hour, applies to every request. A request may probe sooner in two
 * cases:
 * - Its room is needed soon. It may probe when half of its remaining time has passed, counted from the last probe or from the time when it
 *   began to wait, whichever was earlier.
 * - The region is closed because other requests were denied.
 */
export function mayProbeAtMs(item: PaceItem, prober: Prober, scheduleMs: ProbeSchedule): number {
  const { neededByMs } = prober;
  return Math.min(
    scheduledAtMs(item, prober, scheduleMs),
    undeniedAtMs(item, prober, scheduleMs),
    neededByMs === undefined ? Number.POSITIVE_INFINITY : neededAtMs(item, { ...prober, neededByMs }, scheduleMs),
  );
}

/**
 * The time until the next scheduled probe: after the breaker was opened (step 0), or after n probes that found the region closed (step n).
 */
export type ProbeSchedule = (step: number) => number;

export function probeSchedule(seconds: readonly number[]): ProbeSchedule {
  return (step) => (seconds[Math.min(Math.max(0, step), seconds.length - 1)] ?? 0) * 1000;
}

/**
 * The write that makes a call the probe. Its condition requires that the probe is due. Only one of several concurrent writes succeeds,
 * because it moves `open_until` or `probed_at` beyond what the conditions of the others allow.
 *
 * The write leases the probe for at most a minute. The schedule advances only when a response shows that the region is still closed.
 */
export function planProbe(
  item: PaceItem,
  prober: Prober,
  { nowMs, freeAtMs }: { nowMs: number /** The next call's slot, after the probe. */; freeAtMs: number },
  scheduleMs: ProbeSchedule,
): PlannedProbe {
  const isScheduled = nowMs >= scheduledAtMs(item, prober, scheduleMs);
  const leasedUntilMs = nowMs + leaseMs(item, scheduleMs);
  const isFull = (item.fruitless?.size ?? 0) >= MAX_MARKS;
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

function scheduledAtMs(item: PaceItem, prober: Prober, scheduleMs: ProbeSchedule): number {
  const openUntilMs = item.open_until ?? 0;
  if (isInconclusive(item)) return openUntilMs + yieldMs(item, prober, prober.waitsSinceMs ?? 0);
  if (isOpener(item, prober)) return openUntilMs + scheduleMs(item.open_step);
  return openUntilMs + (isDenied(item, prober) ? Math.min(MAX_DENIED_YIELD_MS, scheduleMs(item.open_step - 1)) : 0);
}

/**
 * When a request that is not denied may probe a region that denials have closed. The denials may concern only the denied requests, so a
 * tenant that was not denied may probe one minute after the last probe. A request without a tenant may probe after two minutes, but only if
 * it arrived after the last probe, because many requests without a tenant may be waiting. If many tenants are denied, every request counts
 * as a request without a tenant.
 */
function undeniedAtMs(item: PaceItem, prober: Prober, scheduleMs: ProbeSchedule): number {
  const { tenant, waitsSinceMs = 0 } = prober;
  const isNew = waitsSinceMs > (item.probed_at ?? 0);
  const goesFirst = tenant !== undefined && !isDeniedToTenants(item);
  if (!isDeniedToKeys(item) || isDenied(item, prober) || !(goesFirst || isNew)) return Number.POSITIVE_INFINITY;
  const extraMs = isInconclusive(item) ? yieldMs(item, prober, waitsSinceMs) : 0;
  return lastProbeMs(item, scheduleMs) + MIN_GAP_MS + (goesFirst ? 0 : MIN_GAP_MS) + extraMs;
}

function neededAtMs(item: PaceItem, prober: Prober & { neededByMs: number }, scheduleMs: ProbeSchedule): number {
  const lastMs = lastProbeMs(item, scheduleMs);
  // A probe of another request delays this request only by the gap after that probe.
  const fromMs = Math.min(lastMs, prober.waitsSinceMs ?? lastMs);
  const opener = isOpener(item, prober);
  const dueMs =
    fromMs + (prober.neededByMs - fromMs) * (opener ? OPENER_SHARE_OF_REMAINING_TIME : SHARE_OF_REMAINING_TIME);
  const conclusiveYieldMs = opener || isDenied(item, prober) ? MIN_GAP_MS : 0;
  const extraMs = isInconclusive(item) ? yieldMs(item, prober, dueMs) : conclusiveYieldMs;
  return Math.max(dueMs, lastMs + MIN_GAP_MS + extraMs);
}

/**
 * How much later than others a request may probe after an inconclusive probe. Requests that were already waiting go first. Otherwise a
 * stream of refused requests, one per minute, would take every probe.
 */
function yieldMs(item: PaceItem, prober: Prober, wouldProbeSinceMs: number): number {
  const isNew = wouldProbeSinceMs > (item.probed_at ?? 0);
  const wasInconclusive = item.fruitless?.has(markOf(prober)) ?? false;
  return (isNew ? MIN_GAP_MS : 0) + (wasInconclusive ? INCONCLUSIVE_YIELD_MS : 0);
}

/**
 * Whether the last probe has been inconclusive so far: the call is in flight, its worker crashed, or the response concerned only the
 * request of the probe.
 */
function isInconclusive({ probed_by }: PaceItem): boolean {
  return probed_by !== undefined;
}

/**
 * Whether so many keys are denied that the whole account counts as denied. If a response shows that the quota is reached, the keys are
 * removed.
 */
export function isDeniedToKeys({ denied_keys }: PaceItem): boolean {
  return (denied_keys?.size ?? 0) >= DENIED_KEYS_TO_OPEN;
}

/** Whether so many tenants are denied that others are probably denied too. */
export function isDeniedToTenants({ denied_tenants }: PaceItem): boolean {
  return (denied_tenants?.size ?? 0) >= DENIED_TENANTS_TO_DENY_ALL;
}

/** Whether denials have closed the region, and the request or its tenant is among the denied. */
function isDenied(item: PaceItem, { tenant, wasDenied = false }: Prober): boolean {
  const isTenantDenied = tenant !== undefined && (item.denied_tenants?.has(tenant) ?? false);
  return isDeniedToKeys(item) && (wasDenied || isTenantDenied);
}

/** Requests of one tenant are likely to fail in the same way, so they share a mark. */
function markOf({ tenant, ledgerKey }: Prober): string {
  return tenant === undefined ? `key ${ledgerKey}` : `tenant ${tenant}`;
}

function isOpener({ opened_by }: PaceItem, { ledgerKey }: Prober): boolean {
  return opened_by === ledgerKey;
}

function leaseMs({ open_step }: PaceItem, scheduleMs: ProbeSchedule): number {
  return Math.min(MIN_GAP_MS, scheduleMs(open_step));
}

/** A worker of the previous release does not write `probed_at`. It advances `open_until` by the schedule at each probe instead. */
function lastProbeMs(item: PaceItem, scheduleMs: ProbeSchedule): number {
  const scheduledMs = (item.open_until ?? 0) - scheduleMs(item.open_step - 1);
  return Math.max(item.probed_at ?? 0, scheduledMs);
}
