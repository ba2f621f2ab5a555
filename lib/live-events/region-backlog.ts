import { GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { transactionUpdate } from '../platform/update-expression.ts';
import type { LiveEventServices } from './live-event-services.ts';

/**
 * The rooms that live events have requested in a region and that do not exist yet. One item per region stores how long their creation
 * takes.
 */
export interface RegionBacklog {
  /** The time until which these rooms keep the region's quota busy. */
  busyUntilMs: number;
  /** The latest start of an event with rooms in the backlog, and the time until which the backlog contains rooms of that event. */
  latestStartMs: number;
  latestUntilMs: number;
}

const backlogKey = (region: string) => ({ pk: { S: 'live-events' }, sk: { S: `asked-for#${region}` } });

const backlogSchema = z.pipe(
  z.object({
    free_at: z._default(z.number(), 0),
    latest_start: z._default(z.number(), 0),
    latest_until: z._default(z.number(), 0),
  }),
  z.transform(
    ({ free_at, latest_start, latest_until }): RegionBacklog => ({
      busyUntilMs: free_at,
      latestStartMs: latest_start,
      latestUntilMs: latest_until,
    }),
  ),
);

/** The backlog of a region. An absent item is an empty backlog. */
export async function readBacklog(
  region: string,
  { clients, config }: Pick<LiveEventServices, 'clients' | 'config'>,
): Promise<RegionBacklog> {
  const { Item } = await clients.dynamodb.send(
    new GetItemCommand({ TableName: config.rosterTable, Key: backlogKey(region), ConsistentRead: true }),
  );
  return backlogSchema.parse(Item ? unmarshall(Item) : {});
}

/** The rooms of one event in one region. */
export interface AddedRooms {
  startsAtMs: number;
  nowMs: number;
  /** How long their creation takes at the current rate. */
  takesMs: number;
  /** If the backlog extends beyond this time, it accepts no further rooms. */
  mostBusyUntilMs: number;
}

/**
 * The write that adds rooms to a backlog. DynamoDB cannot compute a maximum, so there is one form for a busy region and one for an idle
 * region. Each form's condition holds only in its own case.
 */
export function backlogWrite(
  region: string,
  seen: RegionBacklog,
  { startsAtMs, nowMs, takesMs, mostBusyUntilMs }: AddedRooms,
  { config }: Pick<LiveEventServices, 'config'>,
): TransactWriteItem {
  const isBusy = seen.busyUntilMs > nowMs;
  const staysLatest = seen.latestUntilMs > nowMs && seen.latestStartMs > startsAtMs;
  const latest = staysLatest
    ? { latest_start: seen.latestStartMs, latest_until: seen.latestUntilMs }
    : { latest_start: startsAtMs, latest_until: Math.max(nowMs, seen.busyUntilMs) + takesMs };
  return {
    Update: transactionUpdate({
      tableName: config.rosterTable,
      key: backlogKey(region),
      update: `SET latest_start = :latest_start, latest_until = :latest_until, free_at = ${isBusy ? 'free_at + :takes' : ':free_at'}`,
      condition: isBusy ? 'free_at BETWEEN :now AND :latest' : 'attribute_not_exists(free_at) OR free_at <= :now',
      values: {
        ...latest,
        now: nowMs,
        ...(isBusy ? { takes: takesMs, latest: mostBusyUntilMs } : { free_at: nowMs + takesMs }),
      },
    }),
  };
}
