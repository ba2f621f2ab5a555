import type { Change, Ledger, WriteResult } from './ledger.ts';
import type { LedgerItem } from './ledger-item.ts';
import { wishAsSeen } from './wish-changes.ts';

/** A fenced write failed its condition, usually because another worker holds the lease. This worker must stop. `item`: the stored item. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  readonly item: LedgerItem | undefined;

  constructor(item: LedgerItem | undefined) {
    super('The claim belongs to another worker now');
    this.item = item;
  }
}

/** The item of a key as the holder of one lease last saw it, and the writes that are fenced by the lease (rule CAS). */
export class HeldItem {
  readonly #ledger: Ledger;
  readonly #ledgerKey: string;
  readonly #leaseToken: string;
  #item: LedgerItem | undefined;

  /** @param lease the key, and the token of the lease: a new one for every attempt to claim the key */
  constructor(ledger: Ledger, lease: { ledgerKey: string; token: string }) {
    this.#ledger = ledger;
    this.#ledgerKey = lease.ledgerKey;
    this.#leaseToken = lease.token;
  }

  /** Undefined if the lease was not acquired. */
  get item(): LedgerItem | undefined {
    return this.#item;
  }

  /**
   * Tries to take the lease. The token shows whether that succeeded: the condition fails if the SDK repeats a write whose response was lost.
   * @returns whether the lease was taken, and the stored item
   */
  async acquire(change: Change): Promise<{ isMine: boolean; item: LedgerItem | undefined }> {
    const { item }: WriteResult = await this.#ledger.write(this.#ledgerKey, change);
    const isMine = item?.lease_token === this.#leaseToken;
    if (isMine) this.#item = item;
    return { isMine, item };
  }

  /**
   * Writes the item. If the condition fails but the item has our token and the next version, an earlier attempt of the SDK succeeded.
   * @throws LeaseLostError
   */
  async write(change: Change): Promise<void> {
    if (!(await this.#tryToWrite(change))) throw new LeaseLostError(this.#item);
  }

  /**
   * Writes the item only if it still has the wish that was seen.
   * @returns false if it has a different wish, which `item` then contains
   * @throws LeaseLostError
   */
  async writeIfWishIsAsSeen(change: Change): Promise<boolean> {
    const { condition, values } = wishAsSeen(this.#held());
    return await this.#tryToWrite({
      ...change,
      condition: `${change.condition} AND ${condition}`,
      values: { ...change.values, ...values },
    });
  }

  /**
   * Takes over a wish that another write has stored on the item without changing the lease (rule APART).
   * @param item the item after that write
   */
  noteWish(item: LedgerItem): void {
    if (this.#isOfThisLease(item, this.#held().version)) this.#item = item;
  }

  /** @returns false if the condition failed although this worker still holds the lease */
  async #tryToWrite(change: Change): Promise<boolean> {
    const { version: seen } = this.#held();
    const { written, item } = await this.#ledger.write(this.#ledgerKey, {
      ...change,
      set: { ...change.set, version: ':next' },
      values: { ...change.values, mine: this.#leaseToken, seen, next: seen + 1 },
    });
    if (item === undefined || !(written || this.#isOfThisLease(item, seen + 1) || this.#isOfThisLease(item, seen)))
      throw new LeaseLostError(item);
    this.#item = item;
    return item.version === seen + 1;
  }

  #held(): LedgerItem {
    if (this.#item === undefined) throw new Error('The claim was not acquired');
    return this.#item;
  }

  #isOfThisLease(item: LedgerItem, version: number): boolean {
    return item.lease_token === this.#leaseToken && item.version === version;
  }
}
