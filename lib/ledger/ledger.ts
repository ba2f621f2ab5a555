import type { Tables } from '../platform/tables.ts';
import type { ExpressionValues } from '../platform/update-expression.ts';
import { isClaimed, type LedgerItem, parseStoredItem, type StoredItem } from './ledger-item.ts';

/** A conditional write. `set`: the new value of each attribute, as an expression that refers to `values`. */
export interface Change {
  condition: string;
  set: Record<string, string>;
  remove?: readonly string[];
  values: ExpressionValues;
}

/**
 * `item`: the item after the write, or the item that failed the condition; undefined if there was none. `writeItem` also returns an item
 * that contains only a wish. `write` treats such an item as absent.
 */
export type WriteResult<Item = LedgerItem> = { written: true; item: Item } | { written: false; item: Item | undefined };

/** The ledger table: one item per key, changed only by conditional writes that return the item. */
export interface Ledger {
  /**
   * Sends one conditional UpdateItem for the item of a requested key.
   * @throws DamagedItemError if the item cannot be read; TableUnavailableError if the table cannot be reached.
   */
  write(id: string, change: Change): Promise<WriteResult>;
  /** Like `write`, for the item of any key. */
  writeItem(id: string, change: Change): Promise<WriteResult<StoredItem>>;
}

export function createLedger(tables: Tables, tableName: string): Ledger {
  async function writeItem(id: string, change: Change): Promise<WriteResult<StoredItem>> {
    const { condition, values } = change;
    const update = { tableName, key: { id: { S: id } }, update: updateOf(change), condition, values };
    const { written, attributes } = await tables.update(update);
    return written
      ? { written, item: parseStoredItem(attributes ?? {}) }
      : { written, item: attributes && parseStoredItem(attributes) };
  }
  return {
    writeItem,
    async write(id, change) {
      const { written, item } = await writeItem(id, change);
      if (isClaimed(item)) return { written, item };
      if (written) throw new Error('The write for a requested key left an item without a claim');
      return { written, item: undefined };
    },
  };
}

function updateOf({ set, remove = [] }: Change): string {
  const assignments = Object.entries(set).map(([name, expression]) => `#${name} = ${expression}`);
  const removal = remove.length > 0 ? ` REMOVE ${remove.map((name) => `#${name}`).join(', ')}` : '';
  return `SET ${assignments.join(', ')}${removal}`;
}
