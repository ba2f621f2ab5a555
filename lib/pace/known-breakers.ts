import type { PaceItem } from './pace-item.ts';

/** One worker's knowledge of open breakers, from the responses to its own writes. The worker never reads the table for this. */
export interface KnownBreakers {
  /** The region's item as it was last seen, if its breaker is known to be open. */
  openItem(region: string, nowMs: number): PaceItem | undefined;
  /** The same item, but only if this worker itself found the region closed and has not yet seen a stored item that confirms it. */
  stoppedItem(region: string, nowMs: number): PaceItem | undefined;
  /** Treats the breaker as open for this worker from now on. The write that opens it for all workers follows later. */
  expectOpen(region: string, item: PaceItem, nowMs: number): void;
  /** Whether keys are known to have been denied since the region's last success. */
  hasDenials(region: string): boolean;
  /** Call it before each write to the region's item. Pass the item in the response to the function that it returns. */
  beforeWrite(region: string): (response: PaceItem) => void;
}

export function createKnownBreakers(): KnownBreakers {
  const open = new Map<
    string,
    {
      item: PaceItem;
      /** How many writes had been sent when a response contained this item; infinite if no response has contained it yet. */
      learnedAt: number;
    }
  >();
  /** By region: how many writes this worker had sent when it last learned of denials. */
  const deniedAt = new Map<string, number>();
  let writes = 0;

  function openItem(region: string, nowMs: number): PaceItem | undefined {
    const known = open.get(region);
    // An open breaker that was never stored counts as closed after its first interval: this worker may have failed to write it.
    const isOver = known?.learnedAt === Number.POSITIVE_INFINITY && nowMs >= (known.item.open_until ?? 0);
    if (isOver) open.delete(region);
    return isOver ? undefined : known?.item;
  }

  return {
    openItem,

    stoppedItem(region, nowMs) {
      const item = openItem(region, nowMs);
      return open.get(region)?.learnedAt === Number.POSITIVE_INFINITY ? item : undefined;
    },

    expectOpen(region, item, nowMs) {
      if (openItem(region, nowMs) === undefined) open.set(region, { item, learnedAt: Number.POSITIVE_INFINITY });
    },

    hasDenials: (region) => deniedAt.has(region),

    beforeWrite(region) {
      writes += 1;
      const ownWrite = writes;
      return (response) => {
        if (response.open_until !== undefined) open.set(region, { item: response, learnedAt: writes });
        // Responses may arrive out of order. A closed breaker counts only in the response to a write that was sent after this worker
        // learned that the breaker was open.
        else if (ownWrite > (open.get(region)?.learnedAt ?? 0)) open.delete(region);
        if (response.denied_keys !== undefined) deniedAt.set(region, writes);
        else if (ownWrite > (deniedAt.get(region) ?? 0)) deniedAt.delete(region);
      };
    },
  };
}
