import * as z from 'zod';
import type { ServiceRequest } from '../../emulator/service.ts';
import type { Count } from './counts.ts';

const capacitySchema = z.object({ TableName: z.string(), CapacityUnits: z.number() });
const responseSchema = z.object({
  ConsumedCapacity: z.union([capacitySchema.transform((one) => [one]), z.array(capacitySchema)]).default([]),
});
const bodySchema = z.record(z.string(), z.unknown());
const requestSchema = z.object({
  TransactItems: z.array(z.unknown()).exactOptional(),
  ConsistentRead: z.boolean().default(false),
});

const READS = ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems'];

/** The same request, but its response states the consumed capacity, which DynamoDB leaves out by default. */
export function withConsumedCapacity(request: ServiceRequest): ServiceRequest {
  const input = bodySchema.parse(JSON.parse(request.body.toString('utf8')));
  return { ...request, body: Buffer.from(JSON.stringify({ ...input, ReturnConsumedCapacity: 'TOTAL' })) };
}

/**
 * The capacity units of a request, from its response. A write whose condition fails consumes units too, but its response does not state
 * them: "If a ConditionExpression evaluates to false during a conditional write, DynamoDB still consumes write capacity from the table", by
 * the size of the existing item: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html. The items here are
 * smaller than 1 KB, so such a write counts as one unit, or as two in a transaction.
 */
export function dynamoDbUnits(
  { headers, body }: ServiceRequest,
  response: { status: number; body: string | Buffer },
): { tables: string[]; counts: ReadonlyMap<Count, number> } {
  const action = headers['x-amz-target']?.replace(/^.*\./, '') ?? '';
  const { TransactItems, ConsistentRead } = requestSchema.parse(JSON.parse(body.toString('utf8')));
  const isRead = READS.includes(action);
  if (response.status !== 200 && !isRead)
    return { tables: [], counts: new Map([['writeUnits', TransactItems ? 2 * TransactItems.length : 1]]) };
  const { ConsumedCapacity } = responseSchema.parse(JSON.parse(String(response.body)));
  const units = ConsumedCapacity.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
  const tables = ConsumedCapacity.map(({ TableName }) => TableName);
  const counts = isRead
    ? [['readUnits', Math.max(units, leastRead(ConsistentRead))] as const]
    : [['writeUnits', units] as const];
  return { tables, counts: new Map<Count, number>(counts) };
}

/** A read that finds nothing consumes as much as one that finds a small item (same page). The emulator reports nothing for such a query. */
function leastRead(isConsistent: boolean): number {
  return isConsistent ? 1 : 0.5;
}
