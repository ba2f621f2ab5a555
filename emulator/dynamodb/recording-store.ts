import type { Operation, Store, SubDatabase } from './dynalite.ts';

/**
 * A store that reads from `store` and adds writes to `operations`. An action that runs on it checks its condition and computes its writes,
 * but does not perform them. The caller commits the writes of one or more actions, both items and indexes, in one atomic batch. The store
 * takes no locks, because the caller holds the locks of all affected items.
 */
export function createRecordingStore(store: Store, operations: Operation[]): Store {
  const record = (prefix: string, database: SubDatabase): SubDatabase => ({
    ...database,
    lock: (_key, work) => work((done) => done),
    put(key, value, done) {
      operations.push({ type: 'put', key: prefix + key, value });
      done(null, undefined);
    },
    del(key, done) {
      operations.push({ type: 'del', key: prefix + key });
      done(null, undefined);
    },
  });

  return {
    ...store,
    getItemDb: (table) => record(itemPrefix(table), store.getItemDb(table)),
    getIndexDb: (indexType, table, index) =>
      record(`index-${indexType.toLowerCase()}~${table}~${index}~`, store.getIndexDb(indexType, table, index)),
  };
}

/** Dynalite's prefix for the keys of a table's items. */
export function itemPrefix(table: string): string {
  return `item-${table}~`;
}

/** Dynalite's prefix for the keys of the global indexes of a table, or of all tables. */
export function globalIndexPrefix(table?: string): string {
  return table === undefined ? 'index-global~' : `index-global~${table}~`;
}
