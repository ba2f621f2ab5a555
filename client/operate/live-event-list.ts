import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { liveEventRosterId } from '../../lib/contract/live-event.ts';
import { LIVE_EVENTS_BY_START } from '../../lib/live-events/live-event-item.ts';
import type { Waiting } from '../../lib/platform/backoff.ts';
import { batchGet } from '../../lib/platform/batch-get.ts';
import { expressionValues } from '../../lib/platform/update-expression.ts';
import { META_SK, parseMeta, type RosterMeta, rosterPk } from '../../lib/rosters/roster-item.ts';
import type { Deployment } from '../deployment.ts';
import { type LiveEventDetail, readLiveEventDetails } from './live-event-totals.ts';

/** The state of a live event. `waiting`: its rooms are not requested yet. `incomplete`: some of its rooms will not be created. */
export type ListedState = 'waiting' | 'opening' | 'ready' | 'incomplete' | 'cancelled';

export interface ListedEvent {
  liveEventId: string;
  tenant: string;
  revision: number;
  state: ListedState;
  startsAtMs: number;
  roomsReady: number;
  roomsTotal: number;
}

const indexedSchema = z.object({
  live_event_id: z.string(),
  tenant: z.string(),
  revision: z.number(),
  live_state: z.enum(['pending', 'opened', 'cancelled']),
  starts_at: z.number(),
  rooms_by_region: z.record(z.string(), z.number()),
});
type Indexed = z.infer<typeof indexedSchema>;

type Reading = Pick<Deployment, 'dynamodb' | 'rosterTable'>;

/** The live events that start at a moment or later, in the order of their starts. @throws DynamoDB's error */
export async function listLiveEvents(deployment: Reading, fromMs: number, waiting: Waiting): Promise<ListedEvent[]> {
  const states = ['pending', 'opened', 'cancelled'] as const;
  const found = (await Promise.all(states.map((state) => eventsIn(state, fromMs, deployment)))).flat();
  const rosters = await readRosters(
    // A cancelled event keeps its existing rooms.
    found.filter(({ live_state }) => live_state !== 'pending'),
    deployment,
    waiting,
  );
  // The index counts only the rooms that are still to be requested. A sealed roster counts all rooms.
  const unsealed = found.filter((event) => !sealedRoster(event, rosters));
  const details = await readLiveEventDetails(
    unsealed.map(({ live_event_id }) => live_event_id),
    deployment,
  );
  return found.map((event) => toListed(event, rosters, details)).sort((a, b) => a.startsAtMs - b.startsAtMs);
}

async function eventsIn(state: string, fromMs: number, { dynamodb, rosterTable }: Reading): Promise<Indexed[]> {
  const events: Indexed[] = [];
  let ExclusiveStartKey: QueryCommand['input']['ExclusiveStartKey'];
  do {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new QueryCommand({
        TableName: rosterTable,
        IndexName: LIVE_EVENTS_BY_START,
        KeyConditionExpression: 'live_state = :state AND starts_at >= :from',
        ExpressionAttributeValues: expressionValues({ state, from: fromMs }),
        ExclusiveStartKey,
      }),
    );
    events.push(...Items.map((item) => indexedSchema.parse(unmarshall(item))));
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return events;
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

/** The roster of an event's newest revision, if all of its rooms are in it. */
function sealedRoster(
  { live_event_id, revision }: Pick<Indexed, 'live_event_id' | 'revision'>,
  rosters: ReadonlyMap<string, RosterMeta>,
): RosterMeta | undefined {
  const meta = rosters.get(liveEventRosterId(live_event_id, revision));
  return meta?.state === 'open' ? undefined : meta;
}

function toListed(
  event: Indexed,
  rosters: ReadonlyMap<string, RosterMeta>,
  details: ReadonlyMap<string, LiveEventDetail>,
): ListedEvent {
  const { live_event_id: liveEventId, tenant, revision, starts_at: startsAtMs } = event;
  const meta = rosters.get(liveEventRosterId(liveEventId, revision));
  const toCreate = Object.values(event.rooms_by_region).reduce((sum, count) => sum + count, 0);
  const roomsTotal = sealedRoster(event, rosters)?.members ?? details.get(liveEventId)?.rooms_total ?? toCreate;
  // Before the event is opened, the rooms that its earlier revisions requested count as ready, even if they do not exist yet.
  const roomsReady = event.live_state === 'pending' ? roomsTotal - toCreate : (meta?.provisioned ?? 0);
  const state = stateOf(event, { roomsReady, roomsFailed: meta?.failed ?? 0, roomsTotal });
  return { liveEventId, tenant, revision, state, startsAtMs, roomsReady, roomsTotal };
}

function stateOf(
  { live_state }: Indexed,
  { roomsReady, roomsFailed, roomsTotal }: { roomsReady: number; roomsFailed: number; roomsTotal: number },
): ListedState {
  if (live_state === 'cancelled') return 'cancelled';
  if (live_state === 'pending') return 'waiting';
  if (roomsReady >= roomsTotal) return 'ready';
  return roomsReady + roomsFailed >= roomsTotal ? 'incomplete' : 'opening';
}
