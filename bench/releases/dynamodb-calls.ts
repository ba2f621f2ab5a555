import { type AttributeValue, ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Item } from '../../emulator/dynamodb/dynalite.ts';
import { sum } from '../harness/arithmetic.ts';
import { CONFIG } from './deployment.ts';
import type { Usage } from './usage.ts';
import type { ReleaseWorld } from './world.ts';

const itemSchema = z.custom<Record<string, AttributeValue & Record<string, unknown>>>();
const capacitySchema = z.object({ CapacityUnits: z.number() });
const answerSchema = z.looseObject({
  Attributes: itemSchema.optional(),
  Item: itemSchema.optional(),
  ConsumedCapacity: z.union([capacitySchema.transform((one) => [one]), z.array(capacitySchema)]).default([]),
});

const READS = ['BatchGetItem', 'GetItem', 'Query'];
const UNIT_BYTES = 1_024;

/**
 * Performs one call on the tables in memory, and counts the units that the call and the index use.
 * @returns the answer; the error if the condition of a write does not hold
 */
export async function callDynamoDb(
  name: string,
  input: object,
  { memory, index, clock }: ReleaseWorld,
  usage: Usage,
): Promise<object> {
  const { status, output } = await memory.perform(name, { ...defined(input), ReturnConsumedCapacity: 'TOTAL' });
  const { ConsumedCapacity, ...answer } = answerSchema.parse(output);
  const units = sum(ConsumedCapacity.map(({ CapacityUnits }) => CapacityUnits));
  if (READS.includes(name)) {
    // A query that finds nothing costs as much as one that finds a small item.
    usage.readUnits += Math.max(units, 0.5);
    return answer;
  }
  if (status !== 200) return refused(answer, usage);
  const isLedger = 'TableName' in input && input.TableName === CONFIG.ledgerTable;
  usage.writes[isLedger ? 'ledger' : 'pace'] += 1;
  usage.writeUnits += units;
  if (isLedger && answer.Attributes) usage.indexWrites += index.note(answer.Attributes, clock.nowMs());
  return answer;
}

/** The members that a request would contain. */
function defined(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/** A write whose condition does not hold costs as many units as the item has. */
function refused({ Item, __type, message }: Partial<z.output<typeof answerSchema>>, usage: Usage): Error {
  if (!String(__type).endsWith('#ConditionalCheckFailedException')) return new Error(`${__type}: ${message}`);
  usage.writes.refused += 1;
  usage.writeUnits += Item ? Math.ceil(bytesOf(Item) / UNIT_BYTES) : 1;
  return new ConditionalCheckFailedException({ message: String(message), $metadata: {}, ...(Item && { Item }) });
}

/** Roughly the size that DynamoDB charges for: names and values. */
function bytesOf(item: Item): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + name.length + String(Object.values(value)[0]).length,
    0,
  );
}
