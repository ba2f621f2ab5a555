import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, type NativeAttributeValue, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { REGIONS, type Region } from '../contract/regions.ts';
import type { SweepServices } from './sweep-services.ts';

/** All regions once, in their order, beginning with this one. */
export function regionsFrom(first: Region): Region[] {
  const index = REGIONS.indexOf(first);
  return [...REGIONS.slice(index), ...REGIONS.slice(0, index)];
}

export function regionAfter(region: Region): Region {
  return regionsFrom(region)[1] ?? region;
}

const positionSchema = z.object({ next_region: z.enum(REGIONS).catch(REGIONS[0]) });

/** Notes that a sweep begins. @returns the region it is to begin with, so that one that takes all the time starves no other */
export async function beginSweep(services: SweepServices): Promise<Region> {
  const attributes = await writePosition(services, 'SET started_at = :now', { ':now': services.clock.nowMs() });
  return positionSchema.parse(attributes).next_region;
}

/** Notes with which region the next sweep is to begin. */
export async function noteNextRegion(services: SweepServices, region: Region): Promise<void> {
  await writePosition(services, 'SET next_region = :region', { ':region': region });
}

/** The sweep's one item in the pace table. @returns its attributes after the write */
async function writePosition(
  { tables, config }: SweepServices,
  update: string,
  values: Record<string, NativeAttributeValue>,
): Promise<Record<string, unknown>> {
  const command = new UpdateItemCommand({
    TableName: config.paceTable,
    Key: { id: { S: 'sweep' } },
    UpdateExpression: update,
    ExpressionAttributeValues: marshall(values),
    ReturnValues: 'ALL_NEW',
  });
  const { attributes } = await tables.update(command);
  return unmarshall(attributes ?? {});
}
