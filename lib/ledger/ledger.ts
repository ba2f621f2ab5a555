import type { Tables } from '../platform/tables.ts';
import type { ExpressionValues } from '../platform/update-expression.ts';
import { type LedgerItem, parseLedgerItem } from './ledger-item.ts';

/** A conditional write. `set`: the new value of each attribute, as an expression that refers to `values`. */
export interface Change {
  condition: string;
  set: Record<string, string>;
  remove?: readonly string[];
  values: ExpressionValues;
}

/** `item`: the item after the write, or the item that failed the condition; undefined if there was none. */
export type WriteResult = { written: true; item: LedgerItem } | { written: false; item: LedgerItem | undefined };

/** The ledger table: one item per key, changed only by conditional writes that return the item. */
export interface Ledger {
  /**
   * Sends one conditional UpdateItem for the item of a key.
   * @throws DamagedItemError if the item cannot be read; TableUnavailableError if the table cannot be reached.
   */
  write(id: string, change: Change): Promise<WriteResult>;
}

export function createLedger(tables: Tables, tableName: string): Ledger {
  return {
    async write(id, change) {
      const { condition, values } = change;
      const update = { tableName, key: { id: { S: id } }, update: updateOf(change), condition, values };
      const { written, attributes } = await tables.update(update);
      return written
        ? { written, item: parseLedgerItem(attributes ?? {}) }
        : { written, item: attributes && parseLedgerItem(attributes) };
    },
  };
}

function updateOf({ set, remove = [] }: Change): string {
  const assignments = Object.entries(set).map(([name, expression]) => `#${name} = ${expression}`);
  const removal = remove.length > 0 ? ` REMOVE ${remove.map((name) => `#${name}`).join(', ')}` : '';
  return `SET ${assignments.join(', ')}${removal}`;
}
