import type { Operation } from './dynalite.ts';

/** A write to an index. It happens later than the write to the table that causes it. */
export interface LateWrite {
  /** The position among the writes that are due at the same time. */
  sequence: number;
  dueMs: number;
  operation: Operation;
}

/** Pending writes to indexes: those that have not happened yet. */
export interface LateWrites {
  /**
   * Decides which of these writes happen now, and which happen later. The writes of one change have independent lags. An item whose key changes
   * can therefore be under both keys, or under neither, for some time. The writes to one key of an index keep their order, so that an index
   * never returns to an older state of an item.
   */
  plan(operations: readonly Operation[], nowMs: number): { now: Operation[]; later: LateWrite[] };
  /** Adds planned writes, once the write to the table has happened. */
  add(writes: readonly LateWrite[]): void;
  /** Removes the writes that are due, in the order in which they must happen. Their keys count as waiting until `done`. */
  take(nowMs: number): LateWrite[];
  done(writes: readonly LateWrite[]): void;
  /** Removes the writes to keys with this prefix. */
  drop(prefix: string): LateWrite[];
}

/** @param lagMs draws the lag of a write */
export function createLateWrites(lagMs: () => number): LateWrites {
  let waiting: LateWrite[] = [];
  let sequence = 0;
  /** The newest pending write to each key. */
  const newest = new Map<string, LateWrite>();

  function place(write: LateWrite): void {
    let at = waiting.length;
    for (let before = waiting[at - 1]; before && isAfter(before, write); before = waiting[at - 1]) at -= 1;
    waiting.splice(at, 0, write);
    newest.set(write.operation.key, write);
    sequence = Math.max(sequence, write.sequence);
  }

  return {
    plan(operations, nowMs) {
      const now: Operation[] = [];
      const later: LateWrite[] = [];
      for (const operation of operations) {
        const lag = lagMs();
        const before = newest.get(operation.key);
        if (lag <= 0 && before === undefined) now.push(operation);
        else later.push({ sequence: ++sequence, dueMs: Math.max(nowMs + lag, before?.dueMs ?? 0), operation });
      }
      return { now, later };
    },
    add: (writes) => writes.forEach(place),
    take(nowMs) {
      const count = waiting.findIndex(({ dueMs }) => dueMs > nowMs);
      return waiting.splice(0, count < 0 ? waiting.length : count);
    },
    done(writes) {
      for (const write of writes) if (newest.get(write.operation.key) === write) newest.delete(write.operation.key);
    },
    drop(prefix) {
      const dropped = waiting.filter(({ operation }) => operation.key.startsWith(prefix));
      waiting = waiting.filter(({ operation }) => !operation.key.startsWith(prefix));
      for (const { operation } of dropped) newest.delete(operation.key);
      return dropped;
    },
  };
}

function isAfter(a: LateWrite, b: LateWrite): boolean {
  return a.dueMs > b.dueMs || (a.dueMs === b.dueMs && a.sequence > b.sequence);
}
