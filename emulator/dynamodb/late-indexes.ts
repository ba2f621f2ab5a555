import * as z from 'zod';
import type { Operation, Store } from './dynalite.ts';
import { createLateWrites, type LateWrite } from './late-writes.ts';
import { globalIndexPrefix } from './recording-store.ts';

/** Writes to tables and to their global indexes, which show a change later than the table. */
export interface Indexes {
  /** Performs the writes in one atomic batch. If a write to a global index happens later, the batch contains only a record of that write. */
  commit(operations: readonly Operation[]): Promise<void>;
  /** Performs the writes to indexes that are due. Call it before each read of an index. */
  catchUp(): Promise<void>;
  /** Drops the writes to the indexes of a deleted table, because a new table of the same name starts with empty indexes. */
  forget(tableName: string): Promise<void>;
}

/** The prefix of the writes that have not happened yet. They are in the database, so that indexes catch up after a restart too. */
const PREFIX = 'late-index-write~';

const lateWriteSchema = z.object({
  sequence: z.number(),
  dueMs: z.number(),
  operation: z.discriminatedUnion('type', [
    z.object({ type: z.literal('put'), key: z.string(), value: z.unknown() }),
    z.object({ type: z.literal('del'), key: z.string() }),
  ]),
});

/** @param lagMs draws how long an index takes to show a change */
export async function openIndexes({ db }: Store, now: () => number, lagMs: () => number): Promise<Indexes> {
  const writes = createLateWrites(lagMs);
  for await (const [, value] of db.iterator({ gte: PREFIX, lt: `${PREFIX}\uffff` }))
    writes.add([lateWriteSchema.parse(value)]);
  // Two concurrent readers must not reverse the order of the writes to one key.
  let catchingUp: Promise<void> = Promise.resolve();

  async function performDue(): Promise<void> {
    const due = writes.take(now());
    if (due.length === 0) return;
    await db.batch([...due.map(({ operation }) => operation), ...due.map(withdrawn)]);
    writes.done(due);
  }

  return {
    async commit(operations) {
      const isLate = ({ key }: Operation) => key.startsWith(globalIndexPrefix());
      const planned = writes.plan(operations.filter(isLate), now());
      const others = operations.filter((operation) => !isLate(operation));
      await db.batch([...others, ...planned.now, ...planned.later.map(intended)]);
      writes.add(planned.later);
    },
    catchUp() {
      const performed = catchingUp.then(performDue);
      catchingUp = performed.catch(() => undefined);
      return performed;
    },
    async forget(tableName) {
      await catchingUp;
      await db.batch(writes.drop(globalIndexPrefix(tableName)).map(withdrawn));
    },
  };
}

function recordKey({ sequence }: LateWrite): string {
  return `${PREFIX}${String(sequence).padStart(16, '0')}`;
}

function intended(write: LateWrite): Operation {
  return { type: 'put', key: recordKey(write), value: write };
}

function withdrawn(write: LateWrite): Operation {
  return { type: 'del', key: recordKey(write) };
}
