import { type AttributeValue, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { openLiveEventsWorld } from '../../../bench/live-events/world.ts';
import { liveEventRoomKey } from '../../../lib/contract/live-event.ts';
import { type LiveEventItem, liveEventKey } from '../../../lib/live-events/live-event-item.ts';
import type { RosterMember } from '../../../lib/rosters/roster-item.ts';
import { NOW_MS } from './items.ts';

export type LiveTables = Awaited<ReturnType<typeof openLiveTables>>;

/** DynamoDB in this process with the tables of live events, and the services that read them. Tests put the items into the tables. */
export async function openLiveTables(environment: Record<string, string> = {}) {
  const world = await openLiveEventsWorld(NOW_MS, { environment });
  const { dynamodb } = world.clients;
  const put = async (TableName: string, key: Record<string, AttributeValue>, attributes: object) => {
    const Item = { ...marshall(attributes, { removeUndefinedValues: true }), ...key };
    await dynamodb.send(new PutItemCommand({ TableName, Item }));
  };
  const backlogKey = (region: string) => ({ pk: { S: 'live-events' }, sk: { S: `asked-for#${region}` } });
  const read = async (Key: Record<string, AttributeValue>) => {
    const { Item = {} } = await dynamodb.send(new GetItemCommand({ TableName: 'rosters', Key }));
    return unmarshall(Item);
  };
  return {
    services: world.liveEvents,
    dynamodb,
    errors: world.errors,
    close: () => world.close(),
    putEvent: (item: LiveEventItem) => put('rosters', liveEventKey(item.live_event_id), asStored(item)),
    putBacklog: (region: string, backlog: object) => put('rosters', backlogKey(region), backlog),
    putPace: (region: string, pace: object) => put('pace', { id: { S: `${region}#CreateRoom` } }, pace),
    /** A roster of an event's revision, with the outcomes of its rooms by their keys in the event. */
    async putRoster(
      { liveEventId = 'final', revision }: { liveEventId?: string; revision: number },
      rooms: Record<string, Partial<RosterMember>>,
      meta: object = {},
    ): Promise<void> {
      const pk = { S: `roster#live/${liveEventId}/${revision}` };
      const members = Object.entries(rooms);
      await put(
        'rosters',
        { pk, sk: { S: 'meta' } },
        {
          schema_version: 1,
          roster_id: `live/${liveEventId}/${revision}`,
          kind: 'live-event',
          state: 'sealed',
          revision,
          created_at: NOW_MS,
          members: members.length,
          live_event: { liveEventId, revision, startsAt: new Date(NOW_MS).toISOString() },
          ...meta,
        },
      );
      for (const [key, outcome] of members) {
        const member = { ledger_key: key, idempotency_key: liveEventRoomKey(liveEventId, key), region: 'eu-west-1' };
        await put('rosters', { pk, sk: { S: `member#${key}` } }, { ...member, ...outcome });
      }
    },
    /** Makes every query fail from now on. */
    rejectQueries: () => world.setOutage(({ action }) => action === 'Query'),
    event: (liveEventId = 'final') => read(liveEventKey(liveEventId)),
    async backlog(region: string) {
      const { pk, sk, ...backlog } = await read(backlogKey(region));
      return backlog;
    },
  };
}

/** DynamoDB has no empty sets, so an empty set is left out. */
function asStored(item: LiveEventItem): object {
  const full = Object.entries(item).filter(([, value]) => !(value instanceof Set && value.size === 0));
  return { ...Object.fromEntries(full), ...('rooms' in item && { rooms: JSON.stringify(item.rooms) }) };
}
