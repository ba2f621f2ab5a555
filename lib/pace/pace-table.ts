import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { SharedTime } from '../platform/shared-time.ts';
import type { Tables } from '../platform/tables.ts';
import type { ItemUpdate } from '../platform/update-expression.ts';
import { createKnownBreakers, type KnownBreakers } from './known-breakers.ts';
import { createKnownStops, type KnownStops } from './known-stops.ts';
import { type PaceItem, parsePaceItem, type RoomApi } from './pace-item.ts';

/** The key of the sweeper's only item, which is also in the pace table. */
export const SWEEP_POSITION_KEY = { id: { S: 'sweep' } };

/** One write to a pace item. */
export type PaceUpdate = Pick<ItemUpdate, 'update' | 'condition'> & Required<Pick<ItemUpdate, 'values'>>;

export interface PaceTable {
  /** The shared time, in which all times in the table are stored. */
  time: SharedTime;
  /** This worker's knowledge of open breakers. */
  breakers: KnownBreakers;
  /** This worker's knowledge of stopped jobs. */
  stops: KnownStops;
  /** One conditional update. `item`: the item after the update, or the item that made its condition fail. */
  update(region: string, api: RoomApi, update: PaceUpdate): Promise<{ written: boolean; item: PaceItem }>;
}

export function createPaceTable(tables: Tables, tableName: string): PaceTable {
  const breakers = createKnownBreakers();
  const stops = createKnownStops();
  return {
    time: tables.time,
    breakers,
    stops,
    async update(region, api, update) {
      const learn = api === 'CreateRoom' ? breakers.beforeWrite(region) : undefined;
      const { written, attributes } = await tables.update({ tableName, key: paceKey(region, api), ...update });
      const item = parsePaceItem(attributes);
      learn?.(item);
      stops.learn(item);
      return { written, item };
    },
  };
}

/** Reads the state that the workers share for an API. The read is eventually consistent. @throws the SDK's error if GetItem fails */
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
