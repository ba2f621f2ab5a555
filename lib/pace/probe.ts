import { freedSinceMs } from './freed-quota.ts';
import type { PaceItem } from './pace-item.ts';
import type { ProbeSchedule } from './probe-schedule.ts';

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

/**
 * The values that are stored if a probe finds the region still closed. Only a scheduled probe advances the schedule. The lease of a probe
 * that follows a release overwrites the time of the next scheduled probe, so that time is restored here.
 */
export interface NextProbe {
  untilMs: number;
  step: number;
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
/** The share for the key that opened the breaker. The problem may concern only this key, so all other keys go first. */
const OPENER_SHARE_OF_REMAINING_TIME = 3 / 4;
/** How many different keys must be denied in a row before the whole account counts as denied. */
export const DENIED_KEYS_TO_OPEN = 3;
/** If this many different tenants are denied, all tenants count as denied. Otherwise each further tenant would cost a probe. */
const DENIED_TENANTS_TO_DENY_ALL = 10;
/** The longest time for which denied requests let others probe first. The others return within five minutes (wait-times.ts). */
const MAX_DENIED_YIELD_MS = 5 * MIN_GAP_MS;

/**
 * When a request may probe. The schedule, whose intervals grow to an hour, applies to every request. A request may probe sooner in three
 * cases:
 * - Its room is needed soon. It may probe when half of its remaining time has passed, counted from the last probe or from the time when it
 *   began to wait, whichever was earlier.
 * - The region is closed because other requests were denied.
 * - The region is closed because of its room quota, and rooms were released since the last probe.
 */
export function mayProbeAtMs(item: PaceItem, prober: Prober, scheduleMs: ProbeSchedule): number {
  const { neededByMs } = prober;
  return Math.min(
    scheduledAtMs(item, prober, scheduleMs),
    undeniedAtMs(item, prober, scheduleMs),
    freedAtMs(item, prober),
    neededByMs === undefined ? Number.POSITIVE_INFINITY : neededAtMs(item, { ...prober, neededByMs }, scheduleMs),
  );
}

/** When the schedule permits the request to probe. */
export function scheduledAtMs(item: PaceItem, prober: Prober, scheduleMs: ProbeSchedule): number {
  const openUntilMs = item.open_until ?? 0;
  if (isInconclusive(item)) return openUntilMs + yieldMs(item, prober, prober.waitsSinceMs ?? 0);
  if (isOpener(item, prober)) return openUntilMs + scheduleMs(item.open_step, item.open_reason);
  return (
    openUntilMs +
    (isDenied(item, prober) ? Math.min(MAX_DENIED_YIELD_MS, scheduleMs(item.open_step - 1, item.open_reason)) : 0)
  );
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

/**
 * When a request may probe because rooms were released: at once, even if its key opened the breaker. Only requests whose probes have been
 * inconclusive let others go first.
 */
export function freedAtMs(item: PaceItem, prober: Prober): number {
  const sinceMs = freedSinceMs(item) ?? Number.POSITIVE_INFINITY;
  return wasInconclusive(item, prober) ? sinceMs + INCONCLUSIVE_YIELD_MS : sinceMs;
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
  return (isNew ? MIN_GAP_MS : 0) + (wasInconclusive(item, prober) ? INCONCLUSIVE_YIELD_MS : 0);
}

/** Whether a probe of the request or of its tenant has been inconclusive since the last conclusive response. */
function wasInconclusive({ fruitless }: PaceItem, prober: Prober): boolean {
  return fruitless?.has(markOf(prober)) ?? false;
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
 * removed from the item.
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
export function markOf({ tenant, ledgerKey }: Prober): string {
  return tenant === undefined ? `key ${ledgerKey}` : `tenant ${tenant}`;
}

function isOpener({ opened_by }: PaceItem, { ledgerKey }: Prober): boolean {
  return opened_by === ledgerKey;
}

/** A worker of the previous version does not write `probed_at`. It advances `open_until` by the schedule at each probe instead. */
export function lastProbeMs(item: PaceItem, scheduleMs: ProbeSchedule): number {
  const scheduledMs = (item.open_until ?? 0) - scheduleMs(item.open_step - 1, item.open_reason);
  return Math.max(item.probed_at ?? 0, scheduledMs);
}
