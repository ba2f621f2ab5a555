import { QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { updateItem } from '../platform/tables.ts';
import { expressionValues } from '../platform/update-expression.ts';
import { LIVE_EVENTS_BY_START, liveEventKey, type PendingEvent } from './live-event-item.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { WANTED_AFTER_START_MS } from './request-rooms.ts';

export const LAST_MINUTE_MS = 60_000;
/**
 * An event counts as stuck if no worker has examined it for this long after the expected time. Until then its reminder may only be late: a
 * schedule may fire up to a minute late, and the message may be delayed further.
 */
const STUCK_AFTER_MS = 120_000;
/** Rooms are counted until they take this long to create. A more exact count is not needed, because the waiting event is examined again. */
const MAX_LOOK_AHEAD_MS = 300_000;
const EVENTS_PER_PAGE = 300;

/** Whether an event starts within a minute, or has started. */
export function isInLastMinute({ starts_at }: { starts_at: number }, nowMs: number): boolean {
  return nowMs >= starts_at - LAST_MINUTE_MS;
}

/** The attributes that the query reads. The index must have them (infrastructure/tables.yml), or DynamoDB refuses the query. */
export const WAITING_ATTRIBUTES = ['rooms_by_region', 'opens_at', 'expected_at'] as const;

const waitingSchema = z.object({
  rooms_by_region: z.record(z.string(), z.number()),
  opens_at: z.number(),
  expected_at: z.optional(z.number()),
});

/**
 * Counts the rooms, by region, of events that start earlier, are due and have not requested their rooms. Counting ends when the counted
 * rooms of one of the event's regions take `MAX_LOOK_AHEAD_MS` to create. A stuck event is left out, so that it does not delay others. An
 * event whose own rooms are no longer wanted does not wait for other events.
 */
export async function roomsDueBefore(
  event: Pick<PendingEvent, 'starts_at' | 'rooms_by_region'>,
  nowMs: number,
  { clients, config }: LiveEventServices,
): Promise<Map<string, number>> {
  const rooms = new Map<string, number>();
  const oldestMs = nowMs - WANTED_AFTER_START_MS;
  if (event.starts_at <= oldestMs) return rooms;
  const enough = (MAX_LOOK_AHEAD_MS / 1000) * config.callsPerSecond;
  const query = waitingQuery({ oldestMs, beforeMs: event.starts_at, nowMs }, config.rosterTable);
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  do {
    const { Items = [], LastEvaluatedKey } = await clients.dynamodb.send(
      new QueryCommand({ ...query, ExclusiveStartKey }),
    );
    for (const item of Items) {
      const { rooms_by_region, opens_at, expected_at = opens_at } = waitingSchema.parse(unmarshall(item));
      if (expected_at < nowMs - STUCK_AFTER_MS) continue;
      for (const [region, count] of Object.entries(rooms_by_region))
        rooms.set(region, (rooms.get(region) ?? 0) + count);
    }
    ExclusiveStartKey = LastEvaluatedKey;
  } while (
    ExclusiveStartKey &&
    Object.keys(event.rooms_by_region).every((region) => (rooms.get(region) ?? 0) < enough)
  );
  return rooms;
}

/** Events that are due, have not requested their rooms, and start at `oldestMs` or later, but before `beforeMs`. */
function waitingQuery(
  { oldestMs, beforeMs, nowMs }: { oldestMs: number; beforeMs: number; nowMs: number },
  rosterTable: string,
): QueryCommandInput {
  return {
    TableName: rosterTable,
    IndexName: LIVE_EVENTS_BY_START,
    KeyConditionExpression: 'live_state = :pending AND starts_at BETWEEN :oldest AND :before',
    FilterExpression: 'opens_at <= :now',
    ExpressionAttributeValues: expressionValues({
      pending: 'pending',
      now: nowMs,
      oldest: oldestMs,
      before: beforeMs - 1,
    }),
    ProjectionExpression: WAITING_ATTRIBUTES.join(', '),
    Limit: EVENTS_PER_PAGE,
  };
}

/**
 * Records when a worker will examine a waiting event again, and how many rooms the event still has to request.
 * @returns false if the event has changed since it was read
 */
export async function noteExpected(
  event: PendingEvent,
  { expectedAtMs, missing }: { expectedAtMs: number; missing: Readonly<Record<string, number>> },
  { clients, config }: LiveEventServices,
): Promise<boolean> {
  const { written } = await updateItem(clients.dynamodb, {
    tableName: config.rosterTable,
    key: liveEventKey(event.live_event_id),
    update: 'SET expected_at = :expected_at, rooms_by_region = :missing',
    condition: 'live_state = :pending AND revision = :revision',
    values: { expected_at: expectedAtMs, missing, pending: 'pending', revision: event.revision },
  });
  return written;
}
