import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';

/** How many claims are remembered. */
const MAX_CLAIMS = 1_000;

/** The reasons to wait that the console has read. The ledger removes them when a request is completed. */
export interface SeenWaits {
  /** Notes the waits of an item. @returns the item. If it has no waits itself, the waits that were read last are added */
  withWaits(item: LedgerItem): LedgerItem;
}

export function createSeenWaits(): SeenWaits {
  const byClaim = new Map<string, NonNullable<LedgerItem['waits']>>();
  return {
    withWaits(item) {
      const claim = `${item.claim_id}/${item.generation}`;
      const waits = item.waits ?? byClaim.get(claim);
      if (waits === undefined) return item;
      byClaim.delete(claim);
      byClaim.set(claim, waits);
      const [oldest] = byClaim.keys();
      if (byClaim.size > MAX_CLAIMS && oldest !== undefined) byClaim.delete(oldest);
      return { ...item, waits };
    },
  };
}
