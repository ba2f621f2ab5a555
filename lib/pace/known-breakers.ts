import type { PaceItem } from './pace-item.ts';

/** What one worker knows about open breakers. It learns that from the answers to all of its writes, without a read. */
export interface KnownBreakers {
  /** The region's item as it was last seen, if its breaker is known to be open. */
  openItem(region: string, nowMs: number): PaceItem | undefined;
  /** The same, if this worker found the region closed and no stored item is known to say so. */
  stoppedItem(region: string, nowMs: number): PaceItem | undefined;
  /** From now on the breaker counts as open, although the write that opens it for all workers follows later. */
  expectOpen(region: string, item: PaceItem, nowMs: number): void;
  /** Whether keys are known to have been denied since the region's last success. */
  hasDenials(region: string): boolean;
  /** Call it before a write to the region's item, and call the function that it returns with the answer. */
  asking(region: string): (answer: PaceItem) => void;
}

export function createKnownBreakers(): KnownBreakers {
  const open = new Map<
    string,
    { item: PaceItem /** The latest write that this worker had sent when it learned of it. */; heardAt: number }
  >();
  /** The latest write that was sent when denials were heard of. */
  const deniedAt = new Map<string, number>();
  let writes = 0;

  function openItem(region: string, nowMs: number): PaceItem | undefined {
    const known = open.get(region);
    // An open breaker that was never stored ends after its first interval: the worker may have failed before it could write.
    const isOver = known?.heardAt === Number.POSITIVE_INFINITY && nowMs >= (known.item.open_until ?? 0);
    if (isOver) open.delete(region);
    return isOver ? undefined : known?.item;
  }

  return {
    openItem,

    stoppedItem(region, nowMs) {
      const item = openItem(region, nowMs);
      return open.get(region)?.heardAt === Number.POSITIVE_INFINITY ? item : undefined;
    },

    expectOpen(region, item, nowMs) {
      if (openItem(region, nowMs) === undefined) open.set(region, { item, heardAt: Number.POSITIVE_INFINITY });
    },

    hasDenials: (region) => deniedAt.has(region),

    asking(region) {
      writes += 1;
      const askedAt = writes;
      return (answer) => {
        if (answer.open_until !== undefined) open.set(region, { item: answer, heardAt: writes });
        // Answers can overtake each other. "Closed" counts only if its write was sent after this worker learned that the breaker is open.
        else if (askedAt > (open.get(region)?.heardAt ?? 0)) open.delete(region);
        if (answer.denied_keys !== undefined) deniedAt.set(region, writes);
        else if (askedAt > (deniedAt.get(region) ?? 0)) deniedAt.delete(region);
      };
    },
  };
}
