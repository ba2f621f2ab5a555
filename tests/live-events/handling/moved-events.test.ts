import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type LiveEventsWorld, openLiveEventsWorld } from '../../../bench/live-events/world.ts';
import { checkLiveEventLine } from '../../../client/live-event-lines.ts';
import { listLiveEvents } from '../../../client/operate/live-event-list.ts';
import { roomsToCreate } from '../../../client/operate/rooms-to-create.ts';
import { readLiveEventItem } from '../../../lib/live-events/read-live-event-item.ts';
import { madeRoom } from '../../support/completions.ts';
import { cancelled, describe as describeEvent, MINUTE_MS, NOON_MS, openWorkshop, scheduled } from '../story.ts';

let world: LiveEventsWorld;
const open = async (environment: Record<string, string> = {}) => {
  world = await openLiveEventsWorld(NOON_MS, { environment });
  return openWorkshop(world, []);
};
afterEach(() => world.close());

const fail = (message: string): never => {
  throw new Error(message);
};
const roomsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `room-${index}`, room: {} }));

async function sendAt(minute: number, ...messages: object[]): Promise<void> {
  await world.runUntil(NOON_MS + minute * MINUTE_MS);
  for (const message of messages) world.queue('live-events').send(JSON.stringify(message));
}

const runUntil = (minute: number) => world.runUntil(NOON_MS + minute * MINUTE_MS);
const said = () => world.published.map(({ event, atMs }) => `${(atMs - NOON_MS) / MINUTE_MS} ${describeEvent(event)}`);
const warnings = () => said().filter((line) => line.includes('at-risk'));

/** Until when the requested rooms keep the quota busy. */
async function freeAtMs(): Promise<unknown> {
  const Key = { pk: { S: 'live-events' }, sk: { S: 'asked-for#eu-west-1' } };
  const { Item = {} } = await world.clients.dynamodb.send(new GetItemCommand({ TableName: 'rosters', Key }));
  return unmarshall(Item).free_at;
}

describe('existing rooms of an event are not counted as work:', () => {
  test('when 400 events whose rooms exist are moved by half a minute, none is announced at risk', async () => {
    // A fortieth of the events at a fortieth of the quota. Their rooms would take 400 s of it.
    const events = 10;
    await open({ GREENROOM_CREATE_ROOM_TPS: '0.125' });
    const programme = (revision: number, at: number) =>
      Array.from({ length: events }, (_, index) =>
        scheduled(revision, { at, liveEventId: `event-${index}`, rooms: roomsOf(5) }),
      );
    // Their rooms are requested in turn for 400 s, and all exist by minute 8.
    await sendAt(0, ...programme(1, 30));
    await runUntil(8);
    expect(said().filter((line) => line.endsWith('5 made, 0 failed'))).toHaveLength(events);
    await sendAt(28, ...programme(2, 30.5));
    await runUntil(60);
    expect(warnings()).toEqual([]);
    expect(said().filter((line) => line.endsWith('completed r2 5 made, 0 failed'))).toHaveLength(events);
  }, 120_000);

  test('when an event with 1,000 rooms is moved by 30 seconds shortly before its start, it is not announced at risk', async () => {
    // A fifth of the rooms at a fifth of the quota: they take 200 s of it.
    await open({ GREENROOM_CREATE_ROOM_TPS: '1' });
    await sendAt(0, scheduled(1, { at: 40, rooms: roomsOf(200), leadTime: 'PT35M' }));
    await sendAt(38, scheduled(2, { at: 40.5, rooms: roomsOf(200), leadTime: 'PT35M' }));
    // An event that starts later does not wait for this one either.
    await sendAt(38, scheduled(1, { at: 41, liveEventId: 'next' }));
    await runUntil(60);
    expect(warnings()).toEqual([]);
    expect(said().find((line) => line.endsWith('completed r1 2 made, 0 failed'))).toMatch(/^38/);
  }, 60_000);

  test('rooms under way are neither counted twice in the backlog nor late because of it', async () => {
    // A fifth of the rooms at a fifth of the quota: they take 200 s of it, and are created as fast as the quota allows.
    await open({ GREENROOM_CREATE_ROOM_TPS: '1' });
    const made = new Set<string>();
    let nextMs = 0;
    world.setWork(async () => {
      if (world.clock.nowMs() < nextMs) return false;
      const messages = world
        .queue('interactive')
        .receive(1000)
        .map(({ id, body }) => ({ id, ...JSON.parse(body) }));
      const newest = messages.find(({ idempotencyKey }) => !made.has(idempotencyKey));
      if (newest) made.add(newest.idempotencyKey);
      const answered = messages.filter(({ idempotencyKey }) => made.has(idempotencyKey));
      for (const { idempotencyKey, roster } of answered)
        world.queue('rosters').send(JSON.stringify(madeRoom(idempotencyKey)), { attributes: { roster } });
      world.queue('interactive').remove(new Set(answered.map(({ id }) => id)));
      nextMs = world.clock.nowMs() + 1_000;
      for (const { id } of messages) world.queue('interactive').postpone(id, nextMs);
      if (messages.length > answered.length) world.time.after(1_000, () => undefined);
      return answered.length > 0;
    });
    const final = (revision: number, at: number) =>
      scheduled(revision, { at, rooms: roomsOf(200), leadTime: 'PT5M', atRiskTime: 'PT2M' });
    await sendAt(0, final(1, 20));
    await sendAt(15.2, final(2, 20.5));
    await runUntil(15.3);
    const busyUntilMs = await freeAtMs();
    await runUntil(16.5);
    // By now, the second revision is opened, and its rooms have taken no more of the quota.
    expect(await readLiveEventItem('final', world.liveEvents)).toMatchObject({ live_state: 'opened', revision: 2 });
    expect(await freeAtMs()).toBe(busyUntilMs);
    await runUntil(30);
    expect(warnings()).toEqual([]);
    expect(said().filter((line) => line.endsWith('200 made, 0 failed'))).toHaveLength(2);
  }, 60_000);

  test('only its missing rooms count', async () => {
    await open();
    await sendAt(0, scheduled(1, { at: 40, rooms: roomsOf(10) }));
    await sendAt(20, scheduled(2, { at: 90, rooms: [...roomsOf(12), { key: 'far', room: {}, region: 'us-east-1' }] }));
    await runUntil(21);
    const item = await readLiveEventItem('final', world.liveEvents);
    expect(item).toMatchObject({ live_state: 'pending', rooms_by_region: { 'eu-west-1': 2, 'us-east-1': 1 } });
    const waiting = { ...world.liveEvents, signal: new AbortController().signal };
    const [listed] = await listLiveEvents(
      { dynamodb: world.clients.dynamodb, rosterTable: 'rosters' },
      { fromMs: 0 },
      waiting,
    );
    expect(listed).toMatchObject({ state: 'waiting', roomsReady: 10, roomsTotal: 13 });
  });

  test('a cancelled event is listed with the rooms that exist', async () => {
    await open();
    await sendAt(0, scheduled(1, { at: 40, rooms: roomsOf(10) }));
    await sendAt(21, cancelled(2));
    await runUntil(22);
    const waiting = { ...world.liveEvents, signal: new AbortController().signal };
    const listed = await listLiveEvents(
      { dynamodb: world.clients.dynamodb, rosterTable: 'rosters' },
      { fromMs: 0 },
      waiting,
    );
    expect(listed).toEqual([expect.objectContaining({ state: 'cancelled', roomsReady: 10, roomsTotal: 10 })]);
  });

  test('the forecast of a programme counts only missing rooms', async () => {
    await open();
    await sendAt(0, scheduled(1, { at: 40, rooms: roomsOf(10) }));
    await runUntil(20);
    const { dynamodb } = world.clients;
    const deployment = { dynamodb, rosterTable: 'rosters', region: 'eu-west-1' } as const;
    const lines = [scheduled(2, { at: 41, rooms: roomsOf(12) }), scheduled(1, { at: 41, liveEventId: 'other' })].map(
      (event, number) =>
        checkLiveEventLine({ number, name: '', body: JSON.stringify(event) }, { region: 'eu-west-1', nowMs: NOON_MS }),
    );
    const programme = lines.filter((line) => line.kind === 'scheduled');
    const { events, existing } = await roomsToCreate(programme, deployment, fail);
    expect(existing).toBe(10);
    expect(events.map(({ roomsByRegion }) => roomsByRegion)).toEqual([{ 'eu-west-1': 2 }, { 'eu-west-1': 2 }]);
  });

  test('a room that failed is missing', async () => {
    const workshop = await open();
    workshop.setMode('refused');
    await sendAt(0, scheduled(1, { at: 40 }));
    await runUntil(20);
    workshop.setMode('made');
    await sendAt(20, scheduled(2, { at: 90 }));
    await runUntil(21);
    expect(await readLiveEventItem('final', world.liveEvents)).toMatchObject({ rooms_by_region: { 'eu-west-1': 2 } });
  });

  test('the check finds a room of an earlier revision while the request of the new revision is not answered', async () => {
    const workshop = await open();
    await sendAt(0, scheduled(1, { at: 40, rooms: roomsOf(2) }));
    await runUntil(20);
    workshop.setMode('stuck');
    await sendAt(21, scheduled(2, { at: 40.5, rooms: roomsOf(3) }));
    await runUntil(39);
    expect(warnings()).toEqual(['30.75 at-risk r2 check: room-2 open']);
  });
});
