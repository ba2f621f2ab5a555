import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { SharedTime } from '../platform/shared-time.ts';
import type { Tables } from '../platform/tables.ts';
import type { ItemUpdate } from '../platform/update-expression.ts';
import { createKnownBreakers, type KnownBreakers } from './known-breakers.ts';

/** The room APIs, each with a quota of its own per account and region. */
export type RoomApi = 'CreateRoom' | 'GetRoom' | 'ListRooms' | 'DeleteRoom';

/** The key of the sweeper's one item, which is kept in the pace table too. */
export const SWEEP_POSITION_KEY = { id: { S: 'sweep' } };

const paceItemSchema = z.object({
  /** The next free slot, in epoch milliseconds of the shared time. */
  free_at: z.number().default(0),
  /** Calls a second to which a throttle has cut the rate, and when. */
  rate: z.number().optional(),
  rate_at: z.number().optional(),
  /** There while the breaker is open: no calls before this moment but one probe after it. */
  open_until: z.number().optional(),
  opened_by: z.string().optional(),
  /** When it was opened, or last found still open by a probe. Absent if a worker of the release before did that. */
  probed_at: z.number().optional(),
  /** The key that made the last probe, until its answer says whether the region is open. */
  probed_by: z.string().optional(),
  /** Whose probes have told nothing since the region's last answer: tenants, or keys without one. */
  fruitless: z.set(z.string()).optional(),
  /** How often the breaker has been found still open: the place in the postpone schedule. */
  open_step: z.number().default(0),
  /** Keys that were denied since the last call that succeeded. */
  denied_keys: z.set(z.string()).optional(),
  /** When a call last succeeded after others were denied. */
  denials_outlived_at: z.number().optional(),
});

/** What all workers share about one API in one region: when the next call may be sent, and whether any may. */
export type PaceItem = z.infer<typeof paceItemSchema>;

/** One write of a pace item. */
export type PaceUpdate = Pick<ItemUpdate, 'update' | 'condition'> & Required<Pick<ItemUpdate, 'values'>>;

export interface PaceTable {
  /** The time by which its moments are meant. */
  time: SharedTime;
  /** What the answers to this worker's updates tell of open breakers. */
  breakers: KnownBreakers;
  /** One conditional update. `item`: after it or, refused, as its condition saw it. */
  update(region: string, api: RoomApi, update: PaceUpdate): Promise<{ written: boolean; item: PaceItem }>;
}

export function createPaceTable(tables: Tables, tableName: string): PaceTable {
  const breakers = createKnownBreakers();
  return {
    time: tables.time,
    breakers,
    async update(region, api, update) {
      const hear = api === 'CreateRoom' ? breakers.asking(region) : undefined;
      const { written, attributes } = await tables.update({ tableName, key: paceKey(region, api), ...update });
      const item = parsePaceItem(attributes);
      hear?.(item);
      return { written, item };
    },
  };
}

/** Reads what the workers share about an API. It may be a moment old. @throws the SDK's error if GetItem fails */
export async function readPace(
  { dynamodb, tableName }: { dynamodb: DynamoDBClient; tableName: string },
  region: string,
  api: RoomApi,
): Promise<PaceItem> {
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: tableName, Key: paceKey(region, api) }));
  return parsePaceItem(Item);
}

function paceKey(region: string, api: RoomApi) {
  return { id: { S: `${region}#${api}` } };
}

/** An item as DynamoDB has it; absent, nothing was ever reserved. */
function parsePaceItem(attributes: Record<string, AttributeValue> | undefined): PaceItem {
  return paceItemSchema.parse(attributes ? unmarshall(attributes) : {});
}
