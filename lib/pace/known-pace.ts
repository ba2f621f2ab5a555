import type { PaceItem, RoomApi } from './pace-item.ts';
import type { PaceTable, PaceUpdate } from './pace-table.ts';

/** The pace items as this worker last saw them, in the responses to its writes. */
export interface KnownPace {
  seenAt(region: string, api: RoomApi): PaceItem;
  /** One conditional update of the item, like `PaceTable.update`. */
  update: PaceTable['update'];
}

/** How many times a write is tried if other workers change the item first. */
export const MAX_RACES = 5;
const NOT_SEEN: PaceItem = { free_at: 0, open_step: 0 };

export function createKnownPace(table: PaceTable): KnownPace {
  const lastSeen = new Map<string, PaceItem>();
  return {
    seenAt: (region, api) => lastSeen.get(`${region}#${api}`) ?? NOT_SEEN,

    async update(region: string, api: RoomApi, change: PaceUpdate) {
      const result = await table.update(region, api, change);
      lastSeen.set(`${region}#${api}`, result.item);
      return result;
    },
  };
}
