import { GetItemCommand, QueryCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { type PaceItem, parsePaceItem } from '../../pace/pace-item.ts';
import { rateAt } from '../../pace/rate.ts';
import { placeholders } from '../setting.ts';
import { transact } from '../transact.ts';
import { LIVE_EVENTS_BY_START, liveEventKey, type PendingEvent } from './live-event-item.ts';
import type { LiveEventServices } from './live-event-services.ts';

/** Whether the rooms of an event may be asked for now. `readyByMs`: when all of them are expected to stand, going by the quota. */
export type Turn =
  | { kind: 'now'; readyByMs: number }
  | { kind: 'later'; untilMs: number; readyByMs: number }
  /** The event is not as it was read: somebody else has opened, moved or cancelled it. */
  | { kind: 'changed' };

/** So much work may lie before IVS Chat: enough that the quota is used to the full, little enough that order is kept. */
const AHEAD_MS = 15_000;
/** Whoever must wait comes back when about so much lies before it. */
const COME_BACK_MS = 10_000;
const LAST_MINUTE_MS = 60_000;
/** What lies further ahead is not looked at: who has so much before it comes back and looks again. */
const MAX_LOOK_AHEAD_MS = 300_000;
const EVENTS_PER_PAGE = 300;
const MAX_RACES = 5;
const NEVER_MS = Number.MAX_SAFE_INTEGER;
/** For the other way through the queue: from the request to the room. */
const UNDERWAY_MS = 3_000;

/**
 * Lets events ask for their rooms in order of their start, as fast as the quota makes them: an event waits while those that
 * start earlier, and are due, have not asked for theirs, and while rooms for fifteen seconds are on their way. In the last minute
 * before its start it waits for nobody: one that is stuck must not hold up the others. Opening it and moving the clocks on is
 * one transaction.
 */
export async function takeTurn(event: PendingEvent, services: LiveEventServices, signal: AbortSignal): Promise<Turn> {
  for (let race = 0; race < MAX_RACES; race++) {
    const nowMs = services.clock.nowMs();
    const { turnMs, readyByMs, clocks } = await estimate(event, nowMs, services);
    if (turnMs > nowMs + AHEAD_MS && waits(event, nowMs)) {
      const untilMs = Math.min(turnMs - COME_BACK_MS, event.starts_at - LAST_MINUTE_MS);
      return { kind: 'later', untilMs, readyByMs };
    }
    const writes = [openingWrite(event, nowMs, readyByMs, services), ...clocks.map((clock) => clock.write)];
    const result = await transact(services.clients.dynamodb, writes, { ...services, signal });
    if (result.written) return { kind: 'now', readyByMs };
    if (result.failed.has(0)) return { kind: 'changed' };
  }
  const nowMs = services.clock.nowMs();
  return { kind: 'later', untilMs: nowMs + services.random() * 2_000, readyByMs: nowMs };
}

/** Whether an event lets others go first. */
function waits({ starts_at }: PendingEvent, nowMs: number): boolean {
  return nowMs < starts_at - LAST_MINUTE_MS;
}

/**
 * Region by region, since each has a quota of its own; the slowest region counts. The rate is what the workers have found: others may
 * use the quota too. An open breaker only delays what is expected; it is requests that find out when it may close.
 */
async function estimate(event: PendingEvent, nowMs: number, services: LiveEventServices) {
  const earlier = await roomsDueBefore(event, nowMs, services);
  const clocks = await Promise.all(
    Object.entries(event.rooms_by_region).map(async ([region, rooms]) => {
      const [freeAtMs, pace] = await Promise.all([readClock(region, services), readPace(region, services)]);
      const msPerRoom = 1000 / rateAt(pace, nowMs, services.config.callsPerSecond);
      const turnMs = Math.max(nowMs, freeAtMs) + (earlier.get(region) ?? 0) * msPerRoom;
      const isBound = waits(event, nowMs);
      const write = clockWrite(region, { freeAtMs, nowMs, takesMs: rooms * msPerRoom, isBound }, services);
      return { turnMs, readyByMs: Math.max(turnMs, pace.open_until ?? 0) + rooms * msPerRoom, write };
    }),
  );
  return {
    turnMs: Math.max(...clocks.map(({ turnMs }) => turnMs)),
    readyByMs: Math.ceil(Math.max(...clocks.map(({ readyByMs }) => readyByMs)) + UNDERWAY_MS),
    clocks,
  };
}

const waitingSchema = z.object({ rooms_by_region: z.record(z.string(), z.number()) });

/**
 * How many rooms, by region, are due of events that start earlier and have not asked for them. Those that have begun don't count;
 * and once there are enough of them in one of the event's regions, the others are not counted.
 */
async function roomsDueBefore(
  event: PendingEvent,
  nowMs: number,
  { clients, config }: LiveEventServices,
): Promise<Map<string, number>> {
  const rooms = new Map<string, number>();
  if (event.starts_at <= nowMs) return rooms;
  const enough = (MAX_LOOK_AHEAD_MS / 1000) * config.callsPerSecond;
  let ExclusiveStartKey: QueryCommand['input']['ExclusiveStartKey'];
  do {
    const { Items = [], LastEvaluatedKey } = await clients.dynamodb.send(
      new QueryCommand({
        TableName: config.rosterTable,
        IndexName: LIVE_EVENTS_BY_START,
        KeyConditionExpression: 'live_state = :pending AND starts_at BETWEEN :now AND :before',
        FilterExpression: 'opens_at <= :now',
        ExpressionAttributeValues: placeholders({ pending: 'pending', now: nowMs, before: event.starts_at - 1 }),
        ProjectionExpression: 'rooms_by_region',
        Limit: EVENTS_PER_PAGE,
        ExclusiveStartKey,
      }),
    );
    for (const item of Items)
      for (const [region, count] of Object.entries(waitingSchema.parse(unmarshall(item)).rooms_by_region))
        rooms.set(region, (rooms.get(region) ?? 0) + count);
    ExclusiveStartKey = LastEvaluatedKey;
  } while (
    ExclusiveStartKey &&
    Object.keys(event.rooms_by_region).every((region) => (rooms.get(region) ?? 0) < enough)
  );
  return rooms;
}

const clockKey = (region: string) => ({ pk: { S: 'live-events' }, sk: { S: `asked-for#${region}` } });
const clockSchema = z.object({ free_at: z.number().default(0) });

/** Until when the rooms that live events have asked for keep a region's quota busy. */
async function readClock(region: string, { clients, config }: LiveEventServices): Promise<number> {
  const { Item } = await clients.dynamodb.send(
    new GetItemCommand({ TableName: config.rosterTable, Key: clockKey(region), ConsistentRead: true }),
  );
  return clockSchema.parse(Item ? unmarshall(Item) : {}).free_at;
}

async function readPace(region: string, { clients, config }: LiveEventServices): Promise<PaceItem> {
  const Key = { id: { S: `${region}#CreateRoom` } };
  const { Item } = await clients.dynamodb.send(new GetItemCommand({ TableName: config.paceTable, Key }));
  return parsePaceItem(Item);
}

/** Moves a region's clock on. Two forms, since DynamoDB knows no maximum; each holds only in its own case. */
function clockWrite(
  region: string,
  { freeAtMs, nowMs, takesMs, isBound }: { freeAtMs: number; nowMs: number; takesMs: number; isBound: boolean },
  { config }: LiveEventServices,
): TransactWriteItem {
  const isBusy = freeAtMs > nowMs;
  return {
    Update: {
      TableName: config.rosterTable,
      Key: clockKey(region),
      UpdateExpression: isBusy ? 'SET free_at = free_at + :takes' : 'SET free_at = :free_at',
      ConditionExpression: isBusy
        ? 'free_at BETWEEN :now AND :latest'
        : 'attribute_not_exists(free_at) OR free_at <= :now',
      ExpressionAttributeValues: placeholders(
        isBusy
          ? { takes: takesMs, now: nowMs, latest: isBound ? Math.max(freeAtMs, nowMs + AHEAD_MS) : NEVER_MS }
          : { free_at: nowMs + takesMs, now: nowMs },
      ),
    },
  };
}

function openingWrite(
  event: PendingEvent,
  nowMs: number,
  readyByMs: number,
  { config }: LiveEventServices,
): TransactWriteItem {
  return {
    Update: {
      TableName: config.rosterTable,
      Key: liveEventKey(event.live_event_id),
      UpdateExpression:
        'SET live_state = :opened, opened_at = :now, ready_by = :ready_by ADD opened_revisions :revisions',
      ConditionExpression: 'live_state = :pending AND revision = :revision',
      ExpressionAttributeValues: placeholders({
        opened: 'opened',
        pending: 'pending',
        now: nowMs,
        ready_by: readyByMs,
        revision: event.revision,
        revisions: new Set([event.revision]),
      }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}
