import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { ReadableRosterTable } from '../rosters/roster-table.ts';
import { type LiveEventItem, liveEventKey, parseLiveEventItem } from './live-event-item.ts';

/** The item of a live event, if there is one. @throws errors from DynamoDB, and DamagedRosterError */
export async function readLiveEventItem(
  liveEventId: string,
  { rosters: { dynamodb, tableName } }: { rosters: ReadableRosterTable },
): Promise<LiveEventItem | undefined> {
  const command = new GetItemCommand({ TableName: tableName, Key: liveEventKey(liveEventId), ConsistentRead: true });
  const { Item } = await dynamodb.send(command);
  return Item && parseLiveEventItem(Item);
}
