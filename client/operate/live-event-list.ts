import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { liveEventRosterId } from '../../lib/contract/live-event.ts';
import { LIVE_EVENTS_BY_START } from '../../lib/live-events/live-event-item.ts';
import {
  parseRefusedRevision,
  type RefusedRevision,
  refusedRevisionKey,
} from '../../lib/live-events/refused-revision.ts';
import type { Waiting } from '../../lib/platform/backoff.ts';
import { batchGet } from '../../lib/platform/batch-get.ts';
import { expressionValues } from '../../lib/platform/update-expression.ts';
import { META_SK, parseMeta, type RosterMeta, rosterPk } from '../../lib/rosters/roster-item.ts';
import type { Deployment } from '../deployment.ts';
import { type AtRisk, atRiskOf, type ListedState, type NotApplied, notAppliedOf, stateOf } from './live-event-risk.ts';
import type { RoomCounts } from './live-event-rooms.ts';
import { countCancelledRooms, type LiveEventDetail, readLiveEventDetails } from './live-event-totals.ts';

export interface ListedEvent {
  liveEventId: string;
  tenant: string;
  revision: number;
  state: ListedState;
  startsAtMs: number;
  /** The other times of the newest revision. Absent for a cancelled event. */
  times?: ListedTimes;
  roomsReady: number;
  roomsFailed: number;
  roomsTotal: number;
  /** How many rooms are still to be created, by region. This is an estimate while an event with rooms in several regions is opening. */
  roomsToCreate: Record<string, number>;
  /** Only for a cancelled event: the number of rooms whose requests were never sent. */
  roomsNeverRequested?: number;
  atRisk?: AtRisk;
  /** The last message that was not applied, unless the event has been changed since then or the message is older than the event. */
  notApplied?: NotApplied;
}

/** The times in epoch milliseconds. The end and the release are absent if the event does not specify them. */
export interface ListedTimes {
  opensAtMs: number;
  checkAtMs: number;
  endsAtMs?: number;
  releaseAtMs?: number;
}

/** The states of an event, in order. With the same revision, an event never returns to an earlier state. */
const STATES = ['pending', 'opened', 'cancelled'] as const;

const indexedSchema = z.object({
  live_event_id: z.string(),
  tenant: z.string(),
  revision: z.number(),
  live_state: z.enum(STATES),
  starts_at: z.number(),
  rooms_by_region: z.record(z.string(), z.number()),
});
type Indexed = z.infer<typeof indexedSchema>;

type Reading = Pick<Deployment, 'dynamodb' | 'rosterTable'>;

/** When the listed events start: at `fromMs` or later, and before `untilMs`. */
export interface StartRange {
  fromMs: number;
  untilMs?: number;
}

/** The live events that start within a range, in the order of their starts. @throws DynamoDB's error */
export async function listLiveEvents(deployment: Reading, range: StartRange, waiting: Waiting): Promise<ListedEvent[]> {
  const found = newestEntries((await Promise.all(STATES.map((state) => eventsIn(state, range, deployment)))).flat());
  const idsOf = (events: Indexed[]) => events.map(({ live_event_id }) => live_event_id);
  const isCancelled = ({ live_state }: Indexed) => live_state === 'cancelled';
  const opened = found.filter(({ live_state }) => live_state === 'opened');
  const facts: Facts = {
    rosters: await readRosters(opened, deployment, waiting),
    details: await readLiveEventDetails(idsOf(found), deployment),
    // The rooms that a cancelled event already has still count.
    cancelled: await countCancelledRooms(idsOf(found.filter(isCancelled)), deployment),
    refused: await readRefused(idsOf(found), deployment, waiting),
  };
  return found.map((event) => toListed(event, facts)).sort((a, b) => a.startsAtMs - b.startsAtMs);
}

/** The data that the index entries of the events lack. */
interface Facts {
  /** The rosters by their ids. */
  rosters: ReadonlyMap<string, RosterMeta>;
  details: ReadonlyMap<string, LiveEventDetail>;
  cancelled: ReadonlyMap<string, RoomCounts>;
  refused: ReadonlyMap<string, RefusedRevision>;
}

async function eventsIn(
  state: string,
  { fromMs, untilMs = Number.MAX_SAFE_INTEGER }: StartRange,
  { dynamodb, rosterTable }: Reading,
): Promise<Indexed[]> {
  const events: Indexed[] = [];
  let ExclusiveStartKey: QueryCommand['input']['ExclusiveStartKey'];
  do {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new QueryCommand({
        TableName: rosterTable,
        IndexName: LIVE_EVENTS_BY_START,
        // BETWEEN includes both of its ends, and times are whole milliseconds.
        KeyConditionExpression: 'live_state = :state AND starts_at BETWEEN :from AND :last',
        ExpressionAttributeValues: expressionValues({ state, from: fromMs, last: untilMs - 1 }),
        ExclusiveStartKey,
      }),
    );
    events.push(...Items.map((item) => indexedSchema.parse(unmarshall(item))));
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return events;
}

/**
 * One entry of each event. The index may show changes late: for a while, an event that was moved, opened or cancelled may have both its old
 * and its new entry. The newer one has the higher revision, or a later state of the same revision.
 */
function newestEntries(entries: readonly Indexed[]): Indexed[] {
  const newest = new Map<string, Indexed>();
  for (const entry of entries) {
    const other = newest.get(entry.live_event_id);
    if (other === undefined || isNewer(entry, other)) newest.set(entry.live_event_id, entry);
  }
  return [...newest.values()];
}

function isNewer(one: Indexed, other: Indexed): boolean {
  if (one.revision !== other.revision) return one.revision > other.revision;
  return STATES.indexOf(one.live_state) > STATES.indexOf(other.live_state);
}

async function readRosters(
  events: Indexed[],
  { dynamodb, rosterTable }: Reading,
  waiting: Waiting,
): Promise<Map<string, RosterMeta>> {
  const keys = events.map(({ live_event_id, revision }) => ({
    pk: { S: rosterPk(liveEventRosterId(live_event_id, revision)) },
    sk: { S: META_SK },
  }));
  const metas = (await batchGet(dynamodb, { tableName: rosterTable, keys }, waiting)).map(parseMeta);
  return new Map(metas.map((meta) => [meta.roster_id, meta]));
}

async function readRefused(
  liveEventIds: readonly string[],
  { dynamodb, rosterTable: tableName }: Reading,
  waiting: Waiting,
): Promise<Map<string, RefusedRevision>> {
  const keys = liveEventIds.map(refusedRevisionKey);
  const notes = (await batchGet(dynamodb, { tableName, keys }, waiting)).map(parseRefusedRevision);
  return new Map(notes.map((note) => [note.live_event_id, note]));
}

function toListed(event: Indexed, facts: Facts): ListedEvent {
  const { live_event_id: liveEventId, tenant, revision, starts_at: startsAtMs } = event;
  const details = facts.details.get(liveEventId);
  const rooms = roomsOf(event, facts);
  const state = stateOf(event.live_state, rooms);
  const roomsMissing = rooms.roomsTotal - rooms.roomsReady;
  const atRisk = details && atRiskOf({ state, revision, roomsMissing }, details);
  const changedAtMs = details?.cancelled_at ?? details?.accepted_at ?? 0;
  const notApplied = notAppliedOf(facts.refused.get(liveEventId), changedAtMs);
  const isOlder = notApplied?.revision !== undefined && notApplied.revision < revision;
  return {
    ...{ liveEventId, tenant, revision, state, startsAtMs, ...rooms },
    ...timesOf(event, details),
    roomsToCreate: roomsToCreate(event, { state, ...rooms }),
    ...(atRisk && { atRisk }),
    ...(notApplied && !isOlder && { notApplied }),
  };
}

function timesOf({ live_state }: Indexed, details: LiveEventDetail | undefined): { times?: ListedTimes } {
  const { opens_at: opensAtMs, check_at: checkAtMs, ends_at: endsAtMs, release_at: releaseAtMs } = details ?? {};
  if (live_state === 'cancelled' || opensAtMs === undefined || checkAtMs === undefined) return {};
  return {
    times: {
      ...{ opensAtMs, checkAtMs },
      ...(endsAtMs !== undefined && { endsAtMs }),
      ...(releaseAtMs !== undefined && { releaseAtMs }),
    },
  };
}

/**
 * The index contains how many rooms the event requested in each region when it was opened. The roster contains only how many of all rooms
 * have an outcome. The missing rooms are therefore divided among the regions in the proportion of the requested rooms.
 */
function roomsToCreate(
  { rooms_by_region }: Indexed,
  { state, roomsTotal, roomsReady, roomsFailed }: ListedRooms & { state: ListedState },
): Record<string, number> {
  if (state === 'waiting') return rooms_by_region;
  if (state !== 'opening') return {};
  const missing = roomsTotal - roomsReady - roomsFailed;
  const requested = Object.values(rooms_by_region).reduce((sum, count) => sum + count, 0);
  const share = Math.min(1, missing / Math.max(1, requested));
  return Object.fromEntries(
    Object.entries(rooms_by_region).map(([region, count]) => [region, Math.ceil(count * share)]),
  );
}

type ListedRooms = Pick<ListedEvent, 'roomsReady' | 'roomsFailed' | 'roomsTotal' | 'roomsNeverRequested'>;

function roomsOf(event: Indexed, { rosters, details, cancelled }: Facts): ListedRooms {
  const { live_event_id: liveEventId, revision } = event;
  const counts = event.live_state === 'cancelled' ? cancelled.get(liveEventId) : undefined;
  if (counts !== undefined) {
    const { exist: roomsReady, failed: roomsFailed, total: roomsTotal, notRequested: roomsNeverRequested } = counts;
    return { roomsReady, roomsFailed, roomsTotal, roomsNeverRequested };
  }
  const meta = rosters.get(liveEventRosterId(liveEventId, revision));
  const sealed = meta?.state === 'open' ? undefined : meta;
  const toCreate = Object.values(event.rooms_by_region).reduce((sum, count) => sum + count, 0);
  // The index counts only the rooms that are still to be requested. A sealed roster counts all rooms.
  const roomsTotal = sealed?.members ?? details.get(liveEventId)?.rooms_total ?? toCreate;
  // Before the event is opened, the rooms that its earlier revisions requested count as ready, even if they do not exist yet.
  const roomsReady = event.live_state === 'pending' ? roomsTotal - toCreate : (meta?.provisioned ?? 0);
  return { roomsReady, roomsFailed: meta?.failed ?? 0, roomsTotal };
}
