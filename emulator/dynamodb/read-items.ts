import * as z from 'zod';
import { DynamoDbError, getTable, type Json, runAction, validate } from './dynalite.ts';
import type { Database } from './write-items.ts';

const names = z.array(z.looseObject({ AttributeName: z.string() }));

const tableSchema = z.looseObject({
  KeySchema: names,
  GlobalSecondaryIndexes: z
    .array(
      z.looseObject({
        IndexName: z.string(),
        KeySchema: names,
        Projection: z.looseObject({ ProjectionType: z.string(), NonKeyAttributes: z.array(z.string()).optional() }),
      }),
    )
    .optional(),
});

/** The part of a checked request that names an index and attributes. */
const readSchema = z.looseObject({
  TableName: z.string(),
  IndexName: z.string().optional(),
  ConsistentRead: z.boolean().optional(),
  _projection: z.looseObject({ paths: z.array(z.array(z.unknown())) }).optional(),
});

/** Query and Scan. An index shows only the writes that have reached it. */
export async function readItems({ store, indexes }: Database, action: 'Query' | 'Scan', input: Json): Promise<Json> {
  const data = validate(store, action, input);
  const { TableName, IndexName } = readSchema.parse(data);
  if (IndexName !== undefined) {
    refuseIndexRead(await getTable(store, TableName), { ...data, ConsistentRead: input.ConsistentRead });
    await indexes.catchUp();
  }
  return runAction(store, action, data);
}

/**
 * Refuses reads that a global index does not support. Dynalite does not check the consistency of a Scan, and never checks the attributes.
 *
 * "Strongly consistent reads from a global secondary index or a DynamoDB stream are not supported":
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
 * "Global secondary index queries cannot fetch attributes from the base table":
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
 * @param data a request that dynalite has checked
 * @throws DynamoDbError if the read must be consistent, or asks for attributes that the index does not have
 */
export function refuseIndexRead(table: unknown, data: Json): void {
  const { IndexName, ConsistentRead, _projection } = readSchema.parse(data);
  const { KeySchema, GlobalSecondaryIndexes = [] } = tableSchema.parse(table);
  const index = GlobalSecondaryIndexes.find((each) => each.IndexName === IndexName);
  if (!index) return;
  if (ConsistentRead) throw invalid('Consistent reads are not supported on global secondary indexes');
  if (index.Projection.ProjectionType === 'ALL') return;
  const keys = [...KeySchema, ...index.KeySchema].map(({ AttributeName }) => AttributeName);
  const projected = new Set<unknown>([...keys, ...(index.Projection.NonKeyAttributes ?? [])]);
  const missing = (_projection?.paths ?? []).map(([name]) => name).filter((name) => !projected.has(name));
  if (missing.length === 0) return;
  const problem = `Global secondary index ${IndexName} does not project [${missing.join(', ')}]`;
  throw invalid(`One or more parameter values were invalid: ${problem}`);
}

function invalid(message: string): DynamoDbError {
  return new DynamoDbError('com.amazon.coral.validate#ValidationException', message);
}
