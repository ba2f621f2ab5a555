import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { liveEventKey } from '../../lib/live-events/live-event-item.ts';
import type { Deployment } from '../deployment.ts';

/** Attributes that are not in the index of live events. Items of the previous release have no total. */
const detailSchema = z.object({
  rooms_total: z.number().optional(),
  opened_revisions: z.set(z.number()).default(new Set()),
});

export type LiveEventDetail = z.infer<typeof detailSchema>;

const MAX_CONCURRENT_READS = 25;

/** The total number of rooms and the opened revisions of each event. Events that do not exist are left out. @throws DynamoDB's error */
export async function readLiveEventDetails(
  liveEventIds: readonly string[],
  { dynamodb, rosterTable }: Pick<Deployment, 'dynamodb' | 'rosterTable'>,
): Promise<Map<string, LiveEventDetail>> {
  const details = new Map<string, LiveEventDetail>();
  const read = async (liveEventId: string) => {
    const { Item } = await dynamodb.send(
      new GetItemCommand({
        TableName: rosterTable,
        Key: liveEventKey(liveEventId),
        ProjectionExpression: 'rooms_total, opened_revisions',
      }),
    );
    if (Item) details.set(liveEventId, detailSchema.parse(unmarshall(Item)));
  };
  for (let start = 0; start < liveEventIds.length; start += MAX_CONCURRENT_READS)
    await Promise.all(liveEventIds.slice(start, start + MAX_CONCURRENT_READS).map(read));
  return details;
}
