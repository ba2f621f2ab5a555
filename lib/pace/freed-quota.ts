import { MAX_RACES } from './known-pace.ts';
import type { PaceItem } from './pace-item.ts';
import type { PaceTable } from './pace-table.ts';

/** The shortest time between two probes that follow releases. If all of them fail, they cost a region six calls a minute. */
const FREED_GAP_MS = 10_000;

/** The condition that no probe was sent since rooms were released. It needs the value `quota`. */
export const IS_FREED = 'attribute_exists(open_until) AND open_reason = :quota AND probed_at < freed_at';

/**
 * The time from which a probe may be sent because rooms were released, in the shared time. Undefined if no rooms were released since the last probe,
 * or if the region is not closed because of its room quota.
 */
export function freedSinceMs({ open_until, open_reason, probed_at, freed_at }: PaceItem): number | undefined {
  const isQuota = open_until !== undefined && open_reason === 'quota';
  return isQuota && freed_at !== undefined && (probed_at ?? 0) < freed_at ? freed_at : undefined;
}

/**
 * Notes that a room of the region was released. If the region is closed because of its room quota, its next request is then a probe. Call
 * it after every release, or after the last one of a group: it costs one conditional write.
 *
 * At most one such probe is sent every ten seconds. If a release comes less than ten seconds after the last note, its probe may be sent ten
 * seconds after that note.
 * @returns whether this release permits a probe. If not, the breaker is closed or open for another reason, or an earlier release already
 *   permits a probe, which has not been sent yet
 * @throws TableUnavailableError
 */
export async function noteFreed(table: PaceTable, region: string): Promise<boolean> {
  let lastMs: number | undefined;
  for (let race = 0; race < MAX_RACES; race++) {
    const freedAtMs = Math.max(Math.round(table.time.nowMs()), lastMs === undefined ? 0 : lastMs + FREED_GAP_MS);
    const { written, item } = await table.update(region, 'CreateRoom', {
      update: 'SET freed_at = :freed',
      condition:
        'attribute_exists(open_until) AND open_reason = :quota AND (attribute_not_exists(freed_at) OR freed_at <= :before)',
      values: { quota: 'quota', freed: freedAtMs, before: freedAtMs - FREED_GAP_MS },
    });
    if (written) return freedSinceMs(item) !== undefined;
    if (item.open_until === undefined || item.open_reason !== 'quota' || freedSinceMs(item) !== undefined) return false;
    lastMs = item.freed_at;
  }
  return false;
}
