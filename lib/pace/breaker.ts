import type { PaceItem, PaceTable } from './pace-item.ts';
import { probeSchedule } from './probe.ts';

/**
 * The breaker of a region: open while the room quota is reached or the account is blocked. It lies in the pace item of
 * CreateRoom, so that one worker's discovery stops all of them without an extra read.
 */
export interface Breaker {
  /** Stops the calls of this worker at once, those that hold a slot too. No write: `open` is to follow. */
  stop(region: string, ledgerKey: string): void;
  /** Opens it for all workers; it stays as it is if it is open. */
  open(region: string, ledgerKey: string): Promise<void>;
  /**
   * Notes that a key was denied. Denial may be the request's own (a policy on tags, say) or the whole account's: after three
   * different keys in a row without a success it is taken for the account's, and the breaker opens.
   * @returns whether others succeeded since `deniedBeforeMs`: then the denial is this key's own.
   */
  noteDenial(denial: { region: string; ledgerKey: string; deniedBeforeMs?: number | undefined }): Promise<boolean>;
  /** After a call that succeeded: closes the breaker if the call was its probe, and forgets denials. Else it writes nothing. */
  noteSuccess(region: string, slot: { probe: boolean; item: PaceItem }, nowMs: number): Promise<void>;
}

const DENIED_KEYS_TO_OPEN = 3;

export function createBreaker(table: PaceTable, probeScheduleSeconds: readonly number[]): Breaker {
  const scheduleMs = probeSchedule(probeScheduleSeconds);

  async function open(region: string, ledgerKey: string): Promise<void> {
    const nowMs = table.time.nowMs();
    await table.update(region, 'CreateRoom', {
      update: 'SET open_until = :until, opened_by = :key, open_step = :step, probed_at = :now',
      condition: 'attribute_not_exists(open_until)',
      values: { ':until': nowMs + scheduleMs(0), ':key': ledgerKey, ':step': 1, ':now': nowMs },
    });
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

    async noteDenial({ region, ledgerKey, deniedBeforeMs }) {
      const { item } = await table.update(region, 'CreateRoom', {
        update: 'ADD denied_keys :keys',
        values: { ':keys': new Set([ledgerKey]) },
      });
      if ((item.denied_keys?.size ?? 0) >= DENIED_KEYS_TO_OPEN) await open(region, ledgerKey);
      return deniedBeforeMs !== undefined && (item.denials_outlived_at ?? 0) > deniedBeforeMs;
    },

    async noteSuccess(region, { probe, item }, nowMs) {
      if (!probe && item.denied_keys === undefined) return;
      await table.update(region, 'CreateRoom', {
        update: 'SET denials_outlived_at = :now REMOVE open_until, opened_by, open_step, probed_at, denied_keys',
        values: { ':now': nowMs },
      });
    },
  };
}
