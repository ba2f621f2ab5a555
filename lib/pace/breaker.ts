import type { PaceItem, PaceTable } from './pace-item.ts';
import type { Slot } from './pacer.ts';
import { LEAST_GAP_MS, probeSchedule } from './probe.ts';

/**
 * The breaker of a region: open while the room quota is reached or the account is blocked. It lies in the pace item of
 * CreateRoom, so that one worker's discovery stops all of them without an extra read.
 */
export interface Breaker {
  /** Stops the calls of this worker at once, those that hold a slot too. No write: `open` is to follow. */
  stop(region: string, ledgerKey: string): void;
  /** Opens it for all workers; it stays as it is if it is open. After a probe: the region is still closed, the schedule goes on. */
  open(region: string, ledgerKey: string, slot?: Slot): Promise<void>;
  /**
   * Notes that a key was denied. Denial may be the request's own (a policy on tags, say) or the whole account's: after three
   * different keys in a row without a success it is taken for the account's, and the breaker opens.
   * @returns whether others succeeded since `deniedBeforeMs`: then the denial is this key's own.
   */
  noteDenial(denial: Denial): Promise<boolean>;
  /** After a call that succeeded: closes the breaker if the call was its probe, and forgets denials. Else it writes nothing. */
  noteSuccess(region: string, slot: { probe: boolean; item: PaceItem }, nowMs: number): Promise<void>;
  /**
   * A room was found that an earlier call has made, of which this worker knows the intent only: closes the breaker if that call
   * was the last probe, and nobody else has probed since.
   */
  noteAdopted(region: string, ledgerKey: string, intentMs: number): Promise<void>;
}

/** A call that was denied; `slot`: its slot. */
export interface Denial {
  region: string;
  ledgerKey: string;
  deniedBeforeMs?: number | undefined;
  slot?: Slot;
}

const CLOSE =
  'SET denials_outlived_at = :now REMOVE open_until, opened_by, open_step, probed_at, probed_by, fruitless, denied_keys';
const DENIED_KEYS_TO_OPEN = 3;

export function createBreaker(table: PaceTable, probeScheduleSeconds: readonly number[]): Breaker {
  const scheduleMs = probeSchedule(probeScheduleSeconds);

  async function open(region: string, ledgerKey: string, slot?: Slot): Promise<void> {
    if (slot?.probe && (await foundStillClosed(region, ledgerKey, slot))) return;
    const nowMs = table.time.nowMs();
    await table.update(region, 'CreateRoom', {
      update:
        'SET open_until = :until, opened_by = :key, open_step = :step, probed_at = :now REMOVE probed_by, fruitless',
      condition: 'attribute_not_exists(open_until)',
      values: { ':until': nowMs + scheduleMs(0), ':key': ledgerKey, ':step': 1, ':now': nowMs },
    });
  }

  /** @returns whether the breaker is open: it may have been closed since by somebody else's success. */
  async function foundStillClosed(region: string, ledgerKey: string, { next }: Slot): Promise<boolean> {
    const { item } = await table.update(region, 'CreateRoom', {
      update: `${next ? 'SET open_until = :until, open_step = :step ' : ''}REMOVE probed_by, fruitless`,
      condition: 'attribute_exists(open_until) AND probed_by = :key',
      values: { ':key': ledgerKey, ...(next && { ':until': next.untilMs, ':step': next.step }) },
    });
    return item.open_until !== undefined;
  }

  return {
    open,

    stop(region, ledgerKey) {
      const nowMs = table.time.nowMs();
      const item = {
        free_at: 0,
        open_until: nowMs + scheduleMs(0),
        opened_by: ledgerKey,
        open_step: 1,
        probed_at: nowMs,
      };
      table.breakers.expectOpen(region, item, nowMs);
    },

    async noteDenial({ region, ledgerKey, deniedBeforeMs, slot }) {
      const { item } = await table.update(region, 'CreateRoom', {
        update: 'ADD denied_keys :keys',
        values: { ':keys': new Set([ledgerKey]) },
      });
      if ((item.denied_keys?.size ?? 0) >= DENIED_KEYS_TO_OPEN) await open(region, ledgerKey, slot);
      return deniedBeforeMs !== undefined && (item.denials_outlived_at ?? 0) > deniedBeforeMs;
    },

    async noteSuccess(region, { probe, item }, nowMs) {
      if (!probe && item.denied_keys === undefined) return;
      await table.update(region, 'CreateRoom', {
        update: CLOSE,
        values: { ':now': nowMs },
      });
    },

    async noteAdopted(region, ledgerKey, intentMs) {
      await table.update(region, 'CreateRoom', {
        update: CLOSE,
        // A probe comes right before its intent; an intent from long before says nothing of what the probe has met.
        condition: 'attribute_exists(open_until) AND probed_by = :key AND probed_at < :soon_after',
        values: {
          ':now': table.time.nowMs(),
          ':key': ledgerKey,
          ':soon_after': table.time.toSharedMs(intentMs) + LEAST_GAP_MS,
        },
      });
    },
  };
}
