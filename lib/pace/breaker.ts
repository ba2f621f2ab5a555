import type { OpenReason } from './pace-item.ts';
import type { PaceTable } from './pace-table.ts';
import { DENIED_KEYS_TO_OPEN, isDeniedToKeys, isDeniedToTenants, MIN_GAP_MS } from './probe.ts';
import { MAX_QUOTA_INTERVAL_MS, probeSchedule } from './probe-schedule.ts';
import type { Slot } from './slot.ts';

/**
 * The breaker of a region. It is open while the region accepts no rooms: the room quota is reached, the account is blocked, or access is
 * denied. It is stored in CreateRoom's pace item, so that workers see an open breaker when they reserve slots, without an extra read.
 */
export interface Breaker {
  /** Stops the calls of this worker immediately, including those that have a slot. It writes nothing, so call `open` next. */
  stop(closed: Omit<FoundClosed, 'slot'>): void;
  /**
   * Opens the breaker for all workers, because the quota is reached or the account is blocked. A breaker that is already open does not
   * change, except that a scheduled probe advances the schedule and every probe stores its reason. The error from IVS Chat also shows that
   * access is not denied, so the stored denials are removed.
   */
  open(closed: FoundClosed): Promise<void>;
  /**
   * Notes that a key was denied. The denial may concern only the request (for example because of a policy on tags) or the whole account. If
   * three different keys are denied without a success in between, the whole account counts as denied, and the breaker opens. It stays
   * closed if, within the last ten minutes, a call succeeded after others had been denied.
   * @returns `isOnlyThisKey`: other calls have succeeded since `deniedBeforeMs`, so the denial concerns only this key, and not the region;
   *   `atMs`: when the key was denied, in the shared time
   */
  noteDenial(denial: Denial): Promise<{ isOnlyThisKey: boolean; atMs: number }>;
  /**
   * Notes that a call succeeded. If the call was the probe, the breaker closes. Otherwise an open breaker stays open. If the breaker is
   * closed, the stored denials are removed. If this worker knows of no denials, nothing is written. The call counts as successful from the
   * time of its slot, because its success says nothing about keys that were denied later.
   */
  noteSuccess(region: string, slot: Pick<Slot, 'probe' | 'item' | 'atMs'>): Promise<void>;
  /**
   * Closes the breaker after a room of an earlier call was found, if that call was the last probe. This worker knows only the intent of the
   * call.
   */
  noteAdopted(region: string, ledgerKey: string, intentMs: number): Promise<void>;
}

/** A call that has found its region closed. */
export interface FoundClosed {
  region: string;
  ledgerKey: string;
  reason: Exclude<OpenReason, 'denied'>;
  slot?: Slot | undefined;
}

/** A denied call. */
export interface Denial {
  region: string;
  ledgerKey: string;
  tenant?: string | undefined;
  /** When the key was first denied, in the shared time; undefined if it was not denied before. */
  deniedBeforeMs?: number | undefined;
  slot?: Slot;
}

/** The result of a call to a closed region. `remove`: attributes of the item that are no longer valid, each preceded by a comma. */
interface Found {
  reason: OpenReason;
  remove: string;
  deniedTenant?: string | undefined;
}

interface Closing {
  region: string;
  ledgerKey: string;
  slot: Slot | undefined;
}

const DENIALS = 'denied_keys, denied_tenants';
const FORGET_DENIALS = `SET denials_outlived_at = :sent REMOVE ${DENIALS}`;
const CLOSE = `${FORGET_DENIALS}, open_until, opened_by, opened_at, open_reason, open_step, probed_at, probed_by, fruitless`;
const ADVANCE =
  'SET open_until = :until, open_step = :step, opened_at = if_not_exists(opened_at, :now), open_reason = :reason';
const NOT_OUTLIVED = '(attribute_not_exists(denials_outlived_at) OR denials_outlived_at <= :before)';
const IS_LATEST = '(attribute_not_exists(denials_outlived_at) OR denials_outlived_at < :sent)';
/**
 * After a call has succeeded although others were denied, further denials do not open the breaker for this long. The calls of one worker
 * have consecutive slots. If all requests of its batch are denied because of their content, three denials follow one another without a
 * success in between, even while the calls of other workers succeed.
 */
const OPEN_AFTER_OUTLIVED_MS = 10 * 60_000;

export function createBreaker(table: PaceTable, probeScheduleSeconds: readonly number[]): Breaker {
  const scheduleMs = probeSchedule(probeScheduleSeconds);

  async function open({ region, ledgerKey, slot }: Closing, found: Found): Promise<void> {
    if (slot?.probe && (await foundStillClosed({ region, ledgerKey, slot }, found))) return;
    const nowMs = table.time.nowMs();
    await table.update(region, 'CreateRoom', {
      update: `SET open_until = :until, opened_by = :key, opened_at = :now, open_reason = :reason, open_step = :step, probed_at = :now REMOVE probed_by, fruitless${found.remove}`,
      condition: 'attribute_not_exists(open_until)',
      values: {
        until: nowMs + scheduleMs(0, found.reason),
        key: ledgerKey,
        reason: found.reason,
        step: 1,
        now: nowMs,
      },
    });
  }

  /** @returns whether the breaker is open: the success of another worker may have closed it in the meantime. */
  async function foundStillClosed(
    { region, ledgerKey, slot }: Closing & { slot: Slot },
    found: Found,
  ): Promise<boolean> {
    const { item: probed } = slot;
    const { reason, deniedTenant, remove } = found;
    const tenants = deniedTenant !== undefined && !isDeniedToTenants(probed) && { tenants: new Set([deniedTenant]) };
    const { item } = await table.update(region, 'CreateRoom', {
      update: `${ADVANCE} REMOVE probed_by, fruitless${remove}${tenants ? ' ADD denied_tenants :tenants' : ''}`,
      condition: 'attribute_exists(open_until) AND probed_by = :key',
      values: {
        key: ledgerKey,
        ...tenants,
        ...nextProbe(slot, reason),
        reason,
        now: table.time.nowMs(),
      },
    });
    return item.open_until !== undefined;
  }

  return {
    open: ({ region, ledgerKey, reason, slot }) =>
      open({ region, ledgerKey, slot }, { reason, remove: `, ${DENIALS}` }),

    stop({ region, ledgerKey, reason }) {
      const nowMs = table.time.nowMs();
      const item = {
        free_at: 0,
        open_until: nowMs + scheduleMs(0, reason),
        opened_by: ledgerKey,
        open_reason: reason,
        opened_at: nowMs,
        open_step: 1,
        probed_at: nowMs,
      };
      table.breakers.expectOpen(region, item, nowMs);
    },

    async noteDenial({ region, ledgerKey, tenant, deniedBeforeMs, slot }) {
      const atMs = table.time.nowMs();
      const { written, item } = await table.update(region, 'CreateRoom', {
        update: `ADD denied_keys :keys${tenant === undefined ? '' : ', denied_tenants :tenants'}`,
        // If others have succeeded since this key was first denied, its denial says nothing about the region. The item stores only as many
        // keys as are needed to open the breaker.
        condition: `(attribute_not_exists(denied_keys) OR size(denied_keys) < :enough)${deniedBeforeMs === undefined ? '' : ` AND ${NOT_OUTLIVED}`}`,
        values: {
          keys: new Set([ledgerKey]),
          ...(tenant !== undefined && { tenants: new Set([tenant]) }),
          enough: DENIED_KEYS_TO_OPEN,
          ...(deniedBeforeMs !== undefined && { before: deniedBeforeMs }),
        },
      });
      const { denials_outlived_at: outlivedAtMs = 0 } = item;
      if (!written && deniedBeforeMs !== undefined && outlivedAtMs > deniedBeforeMs)
        return { isOnlyThisKey: true, atMs };
      const mayBeOnlyThisKey = !slot?.probe && atMs - outlivedAtMs <= OPEN_AFTER_OUTLIVED_MS;
      if (isDeniedToKeys(item) && !mayBeOnlyThisKey)
        await open({ region, ledgerKey, slot }, { reason: 'denied', remove: '', deniedTenant: tenant });
      return { isOnlyThisKey: false, atMs };
    },

    async noteSuccess(region, { probe, item, atMs }) {
      if (!probe && item.denied_keys === undefined && !table.breakers.hasDenials(region)) return;
      const values = { sent: table.time.toSharedMs(atMs) };
      await table.update(
        region,
        'CreateRoom',
        probe
          ? { update: CLOSE, values }
          : { update: FORGET_DENIALS, condition: `attribute_not_exists(open_until) AND ${IS_LATEST}`, values },
      );
    },

    async noteAdopted(region, ledgerKey, intentMs) {
      await table.update(region, 'CreateRoom', {
        update: CLOSE,
        // A probe is reserved immediately before its intent is written. An older intent is not the intent of the probe.
        condition: 'attribute_exists(open_until) AND probed_by = :key AND probed_at < :soon_after',
        values: {
          sent: table.time.toSharedMs(intentMs),
          key: ledgerKey,
          soon_after: table.time.toSharedMs(intentMs) + MIN_GAP_MS,
        },
      });
    },
  };
}

/**
 * When the next scheduled probe is due after a probe that found the region still closed. The reason may have changed: if the room quota is
 * reached now, an interval of the earlier reason may be too long.
 */
function nextProbe({ next, item }: Slot, reason: OpenReason): { until: number; step: number } {
  const { untilMs = item.open_until ?? 0, step = item.open_step } = next ?? {};
  const latestMs = reason === 'quota' ? (item.probed_at ?? 0) + MAX_QUOTA_INTERVAL_MS : Number.POSITIVE_INFINITY;
  return { until: Math.min(untilMs, latestMs), step };
}
