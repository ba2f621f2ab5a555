import * as z from 'zod';
import { getTable, type Json, runAction, type Store, validate } from './dynalite.ts';
import { forgetTimeToLive } from './time-to-live.ts';
import { type Database, parseRequest } from './write-items.ts';

const tableSchema = z.looseObject({ GlobalSecondaryIndexes: z.array(z.looseObject({})).optional() });
const backupsSchema = z.object({
  TableName: z.string(),
  PointInTimeRecoverySpecification: z.object({ PointInTimeRecoveryEnabled: z.boolean() }),
});

/**
 * CreateTable. The table is stored as ACTIVE from the start, because a table that a crash left in CREATING would stay in that state.
 * Settings that dynalite does not know (encryption, tags, deletion protection) are accepted and ignored.
 */
export async function createTable({ store }: Database, input: Json): Promise<Json> {
  const { tableDb } = store;
  const activating: Store = {
    ...store,
    tableDb: { ...tableDb, put: (key, table, done) => tableDb.put(key, activate(table), done) },
  };
  await runAction(activating, 'CreateTable', validate(store, 'CreateTable', input));
  const { Table } = await runAction(store, 'DescribeTable', { TableName: input.TableName });
  return { TableDescription: Table };
}

function activate(stored: unknown): Json {
  const { GlobalSecondaryIndexes, ...table } = tableSchema.parse(stored);
  return {
    ...table,
    TableStatus: 'ACTIVE',
    ...(GlobalSecondaryIndexes && {
      GlobalSecondaryIndexes: GlobalSecondaryIndexes.map((index) => ({ ...index, IndexStatus: 'ACTIVE' })),
    }),
  };
}

/** DeleteTable. A new table of the same name starts without a time to live, and with empty indexes. */
export async function deleteTable(database: Database, input: Json): Promise<Json> {
  const response = await runAction(database.store, 'DeleteTable', validate(database.store, 'DeleteTable', input));
  await database.indexes.forget(String(input.TableName));
  await forgetTimeToLive(database, String(input.TableName));
  return response;
}

/** UpdateContinuousBackups: accepted and not stored, because the emulator has no backups. */
export async function updateContinuousBackups({ store }: Database, input: Json): Promise<Json> {
  const { TableName, PointInTimeRecoverySpecification } = parseRequest(backupsSchema, input);
  await getTable(store, TableName);
  const enabled = PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled;
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: enabled ? 'ENABLED' : 'DISABLED' },
    },
  };
}
