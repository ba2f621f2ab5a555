import { BatchWriteItemCommand, type DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { LIVE_EVENTS_BY_START, liveEventKey, type PendingEvent } from '../../lib/live-events/live-event-item.ts';
import type { LiveEventServices } from '../../lib/live-events/live-event-services.ts';
import { backlogWrite } from '../../lib/live-events/region-backlog.ts';
import { takeTurn } from '../../lib/live-events/take-turn.ts';
import { openLiveEventsWorld } from '../live-events/world.ts';

const REGION = 'eu-west-1';
const NOW_MS = Date.parse('2026-12-18T12:00:00Z');
const MINUTE_MS = 60_000;
/** So many rooms have already been requested that creating them takes longer than an event may request ahead. Every event therefore waits. */
const BUSY_MS = 20_000;
const ROOMS_EACH = 5;
/** The number of events that look at the others. They are evenly distributed among all events, in the order of the starts. */
const MOST_LOOKS = 100;
/** DynamoDB accepts 25 writes in a request. */
const WRITE_BATCH = 25;

/** The average cost of one look at the other waiting events. */
export interface Looks {
  events: number;
  queries: number;
  itemsRead: number;
  /** The other calls: the backlog, the pace and the note. */
  otherCalls: number;
}

/** Puts events that all wait for their turns into the table. For some of them, checks whether it is their turn. */
export async function countLooks(events: number, signal: AbortSignal): Promise<Looks> {
  const world = await openLiveEventsWorld(NOW_MS);
  try {
    const { liveEvents: services } = world;
    const { dynamodb } = services.clients;
    const waiting = Array.from({ length: events }, (_, index) => waitingEvent(index, events));
    await putEvents(dynamodb, waiting, services.config.rosterTable);
    await makeBusy(services);
    const looks = Math.min(events, MOST_LOOKS);
    const counts = { queries: 0, itemsRead: 0, otherCalls: 0 };
    countCalls(dynamodb, counts);
    for (let look = 0; look < looks; look++) {
      signal.throwIfAborted();
      const event = waiting[Math.floor(((look + 0.5) * events) / looks)];
      if (event === undefined) throw new Error('There is no such event');
      const { kind } = await takeTurn(event, services, signal);
      if (kind !== 'later') throw new Error(`An event that must wait gets the turn: ${kind}`);
    }
    const { queries, itemsRead, otherCalls } = counts;
    return { events, queries: queries / looks, itemsRead: itemsRead / looks, otherCalls: otherCalls / looks };
  } finally {
    await world.close();
  }
}

/** All events start within the same minute, in half an hour. */
function waitingEvent(index: number, events: number): PendingEvent {
  const startsAtMs = NOW_MS + 30 * MINUTE_MS + Math.floor((index * MINUTE_MS) / events);
  return {
    schema_version: 1,
    live_event_id: `event-${index}`,
    tenant: 'default',
    revision: 1,
    opened_revisions: new Set(),
    sent_revisions: new Set(),
    has_release: false,
    hash: 'hash',
    accepted_at: NOW_MS,
    starts_at: startsAtMs,
    opens_at: NOW_MS,
    check_at: startsAtMs - 10 * MINUTE_MS,
    expected_at: NOW_MS,
    rooms_by_region: { [REGION]: ROOMS_EACH },
    rooms: Array.from({ length: ROOMS_EACH }, (_, room) => ({ key: `room-${room}`, room: {} })),
    live_state: 'pending',
  };
}

async function putEvents(dynamodb: DynamoDBClient, events: readonly PendingEvent[], table: string): Promise<void> {
  for (let from = 0; from < events.length; from += WRITE_BATCH) {
    const puts = events.slice(from, from + WRITE_BATCH).map((event) => {
      const { opened_revisions: _opened, sent_revisions: _sent, rooms, ...stored } = event;
      const attributes = marshall({ ...stored, rooms: JSON.stringify(rooms) });
      return { PutRequest: { Item: { ...attributes, ...liveEventKey(event.live_event_id) } } };
    });
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: puts } }));
  }
}

async function makeBusy(services: LiveEventServices): Promise<void> {
  const empty = { busyUntilMs: 0, latestStartMs: 0, latestUntilMs: 0 };
  const added = { startsAtMs: NOW_MS, nowMs: NOW_MS, takesMs: BUSY_MS, mostBusyUntilMs: NOW_MS };
  const TransactItems = [backlogWrite(REGION, empty, added, services)];
  await services.clients.dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
}

const pageSchema = z.object({ ScannedCount: z.number() });

function countCalls(dynamodb: DynamoDBClient, counts: Omit<Looks, 'events'>): void {
  dynamodb.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        if (commandName === 'QueryCommand') {
          counts.queries += 1;
          counts.itemsRead += pageSchema.parse(result.output).ScannedCount;
        } else counts.otherCalls += 1;
        return result;
      },
    { step: 'initialize', name: 'countCalls' },
  );
}

/** Whether a call is an event's look at the events ahead of it. */
export function isLook({ action, body }: { action: string; body: string }): boolean {
  return action === 'Query' && body.includes(LIVE_EVENTS_BY_START) && body.includes(':oldest');
}
