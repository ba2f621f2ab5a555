import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test } from '@jest/globals';
import { type LiveEventsWorld, openLiveEventsWorld } from '../../../bench/live-events/world.ts';
import { cancelled, MINUTE_MS, NOON_MS, openWorkshop, scheduled } from '../story.ts';

let world: LiveEventsWorld;
afterEach(() => world.close());

const send = (...messages: object[]) => {
  for (const message of messages) world.queue('live-events').send(JSON.stringify(message));
};

/** Deletes the items of the event, as retention eventually does. */
async function forgetEverything(): Promise<void> {
  const { dynamodb } = world.clients;
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: 'rosters' }));
  for (const { pk, sk } of Items)
    if (pk && sk) await dynamodb.send(new DeleteItemCommand({ TableName: 'rosters', Key: { pk, sk } }));
}

/** The event is late, completes, has its revision used for other content and is cancelled. Each message is sent or tried twice. */
async function live(from: number, workshop: ReturnType<typeof openWorkshop>): Promise<Map<string, string[]>> {
  const runUntil = (minute: number) => world.runUntil(NOON_MS + (from + minute) * MINUTE_MS);
  const before = world.published.length;
  workshop.setMode('stuck');
  await runUntil(0);
  send(scheduled(1, { at: from + 60 }));
  world.setOutage(({ body }) => body.includes('checked_revision'));
  await runUntil(54);
  world.setOutage(() => false);
  workshop.setMode('made');
  await runUntil(70);
  const reused = scheduled(1, { startsAt: '2027-06-01T12:00:00Z' });
  send(reused, reused, cancelled(2), cancelled(2));
  await runUntil(120);
  const ids = new Map<string, string[]>();
  for (const { event } of world.published.slice(before))
    ids.set(event.type, [...(ids.get(event.type) ?? []), event.id]);
  return ids;
}

test('an announcement has the same id for each attempt, and another id when the same event begins again after retention', async () => {
  world = await openLiveEventsWorld(NOON_MS);
  const workshop = openWorkshop(world, []);
  const first = await live(0, workshop);
  await forgetEverything();
  const second = await live(100 * 24 * 60, workshop);
  const types = ['at-risk', 'cancelled', 'completed', 'failed'].map((kind) => `greenroom.roster.${kind}.v1`);
  for (const lives of [first, second]) {
    expect([...lives.keys()].toSorted()).toEqual(types);
    for (const type of types) expect({ type, ids: new Set(lives.get(type)).size }).toEqual({ type, ids: 1 });
    for (const type of types.filter((each) => !each.includes('completed')))
      expect(lives.get(type)?.length).toBeGreaterThan(1);
  }
  for (const type of types) expect(second.get(type)).not.toContain(first.get(type)?.[0]);
});
