import { Readable } from 'node:stream';
import {
  type Item,
  itemSchema,
  type KeyRange,
  type Operation,
  type SubDatabase,
} from '../emulator/dynamodb/dynalite.ts';
import { createLateWrites } from '../emulator/dynamodb/late-writes.ts';

/** The global indexes of in-memory tables. They show changes late. */
export interface MemoryIndexes {
  of(table: string, index: string): SubDatabase;
  /** The entries of an index as a query sees them now. */
  entries(table: string, index: string): Item[];
}

/**
 * @param now the time of the service
 * @param lagMs draws how long an index takes to show a change
 */
export function createMemoryIndexes(now: () => number, lagMs: () => number): MemoryIndexes {
  const late = createLateWrites(lagMs);
  const entries = createSortedItems();

  function perform(operation: Operation): void {
    if (operation.type === 'put') entries.put(operation.key, itemSchema.parse(operation.value));
    else entries.remove(operation.key);
  }

  function write(operation: Operation): void {
    const planned = late.plan([operation], now());
    planned.now.forEach(perform);
    late.add(planned.later);
  }

  function read(prefix: string, range: KeyRange): Item[] {
    const due = late.take(now());
    for (const { operation } of due) perform(operation);
    late.done(due);
    return entries.range(prefix, range);
  }

  return {
    of(table, index) {
      const prefix = `${table}~${index}~`;
      return {
        lock: (_key, work) => work((done) => done),
        get: (key, done) => done(null, entries.get(prefix + key)),
        put(key, value, done) {
          write({ type: 'put', key: prefix + key, value: storedForm(value) });
          done(null, undefined);
        },
        del(key, done) {
          write({ type: 'del', key: prefix + key });
          done(null, undefined);
        },
        createValueStream: (range) => Readable.from(read(prefix, range)),
      };
    },
    entries: (table, index) => read(`${table}~${index}~`, {}),
  };
}

/** Projected attributes that the item does not have are undefined here. A database does not store them. */
function storedForm(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Items in the order of their keys. An index may have hundreds of thousands of items, and a query reads only a few. */
function createSortedItems() {
  const items = new Map<string, Item>();
  const keys: string[] = [];

  /** The number of keys before this one. */
  function placeOf(key: string): number {
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    get: (key: string) => items.get(key),
    put(key: string, item: Item): void {
      if (!items.has(key)) keys.splice(placeOf(key), 0, key);
      items.set(key, item);
    },
    remove(key: string): void {
      if (items.delete(key)) keys.splice(placeOf(key), 1);
    },
    range(prefix: string, { gt, gte, lt, lte, reverse = false, limit = -1 }: KeyRange): Item[] {
      // No key continues with U+0000 or U+FFFF, so these characters mark the places directly after and before a key.
      const from = gt === undefined ? placeOf(prefix + (gte ?? '')) : placeOf(`${prefix}${gt}\u0000`);
      const to = lte === undefined ? placeOf(prefix + (lt ?? '\uffff')) : placeOf(`${prefix}${lte}\u0000`);
      const count = limit < 0 ? to - from : Math.min(limit, to - from);
      const found = reverse ? keys.slice(Math.max(to - count, from), to).reverse() : keys.slice(from, from + count);
      return found.map((key) => items.get(key)).filter((item) => item !== undefined);
    },
  };
}
