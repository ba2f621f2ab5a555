import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type LiveEventItem, liveEventKey, parseLiveEventItem } from '../../lib/live-events/live-event-item.ts';
import type { Deployment } from '../deployment.ts';

/** The stored item of a live event. @throws the error of DynamoDB, and DamagedRosterError */
export async function readLiveEventItem(
  liveEventId: string,
  { dynamodb, rosterTable }: Pick<Deployment, 'dynamodb' | 'rosterTable'>,
): Promise<LiveEventItem | undefined> {
  const command = new GetItemCommand({ TableName: rosterTable, Key: liveEventKey(liveEventId), ConsistentRead: true });
  const { Item } = await dynamodb.send(command);
  return Item && parseLiveEventItem(Item);
}
