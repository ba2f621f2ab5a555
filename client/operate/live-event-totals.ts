import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { liveEventKey } from '../../lib/live-events/live-event-item.ts';
import { readLiveEventItem } from '../../lib/live-events/read-live-event-item.ts';
import type { Deployment } from '../deployment.ts';
import { countRooms, type RoomCounts, readEventRooms } from './live-event-rooms.ts';

type Reading = Pick<Deployment, 'dynamodb' | 'rosterTable'>;

/** Attributes that are not in the index of live events. Items that the previous version stored have no total. */
const detailSchema = z.object({
  rooms_total: z.number().optional(),
  opened_revisions: z.set(z.number()).default(new Set()),
  accepted_at: z.number().optional(),
  cancelled_at: z.number().optional(),
  opens_at: z.number().optional(),
  check_at: z.number().optional(),
  ends_at: z.number().optional(),
  release_at: z.number().optional(),
  ready_by: z.number().optional(),
  warned_revision: z.number().optional(),
  checked_revision: z.number().optional(),
});

export type LiveEventDetail = z.infer<typeof detailSchema>;

const MAX_CONCURRENT_READS = 25;

/** The details of each event. Events that do not exist are left out. @throws DynamoDB's error */
export function readLiveEventDetails(
  liveEventIds: readonly string[],
  { dynamodb, rosterTable }: Reading,
): Promise<Map<string, LiveEventDetail>> {
  return readEach(liveEventIds, async (liveEventId) => {
    const { Item } = await dynamodb.send(
      new GetItemCommand({
        TableName: rosterTable,
        Key: liveEventKey(liveEventId),
        ProjectionExpression: Object.keys(detailSchema.shape).join(', '),
      }),
    );
    return Item && detailSchema.parse(unmarshall(Item));
  });
}

/**
 * The rooms of cancelled events. Their revisions may have requested different rooms, so the counters of their rosters do not suffice.
 * @throws DynamoDB's error
 */
export function countCancelledRooms(
  liveEventIds: readonly string[],
  { dynamodb, rosterTable: tableName }: Reading,
): Promise<Map<string, RoomCounts>> {
  const table = { dynamodb, tableName };
  return readEach(liveEventIds, async (liveEventId) => {
    const item = await readLiveEventItem(liveEventId, { rosters: table });
    return item && countRooms(await readEventRooms(item, table), { isCancelled: true });
  });
}

async function readEach<Read>(
  liveEventIds: readonly string[],
  read: (liveEventId: string) => Promise<Read | undefined>,
): Promise<Map<string, Read>> {
  const found = new Map<string, Read>();
  for (let start = 0; start < liveEventIds.length; start += MAX_CONCURRENT_READS)
    await Promise.all(
      liveEventIds.slice(start, start + MAX_CONCURRENT_READS).map(async (liveEventId) => {
        const one = await read(liveEventId);
        if (one !== undefined) found.set(liveEventId, one);
      }),
    );
  return found;
}
