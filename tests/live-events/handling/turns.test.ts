import { DeleteScheduleCommand } from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ENVIRONMENT } from '../../../bench/live-events/deployed.ts';
import { type LiveEventsWorld, openLiveEventsWorld } from '../../../bench/live-events/world.ts';
import { MINUTE_MS, NOON_MS, scheduled } from '../story.ts';

let world: LiveEventsWorld;
beforeEach(async () => {
  world = await openLiveEventsWorld(NOON_MS);
});
afterEach(() => world.close());

/** An event that starts a number of minutes after noon. Five rooms take a second of the quota. */
const event = (liveEventId: string, at: number, rooms: number, changes: object = {}) =>
  scheduled(1, {
    at,
    liveEventId,
    rooms: Array.from({ length: rooms }, (_, index) => ({ key: `room-${index}`, room: {} })),
    ...changes,
  });

async function sendAt(minute: number, message: object): Promise<void> {
  await world.runUntil(NOON_MS + minute * MINUTE_MS);
  world.queue('live-events').send(JSON.stringify(message));
}

/** When the rooms of an event were requested, in minutes after noon. */
function requestedAt(liveEventId: string): number | undefined {
  const request = world
    .queue('interactive')
    .messages()
    .find(({ body }) => body.includes(`"live/${liveEventId}/`));
  return request && (request.sentAtMs - NOON_MS) / MINUTE_MS;
}

test('an event that is stuck delays the others for two minutes', async () => {
  await sendAt(0, event('stuck', 120, 300));
  await world.runUntil(NOON_MS + MINUTE_MS);
  // The message and the schedules that should have opened it are lost.
  for (const Name of await world.scheduleNames())
    await world.clients.scheduler.send(
      new DeleteScheduleCommand({ Name, GroupName: ENVIRONMENT.GREENROOM_SCHEDULE_GROUP }),
    );
  await sendAt(2, event('next', 121, 1));
  await world.runUntil(NOON_MS + 180 * MINUTE_MS);
  expect(requestedAt('stuck')).toBeUndefined();
  expect(requestedAt('next')).toBeGreaterThanOrEqual(92);
  expect(requestedAt('next')).toBeLessThan(93);
});

test('an event that is found hours after its start requests its rooms immediately', async () => {
  await sendAt(0, event('missed', 120, 1));
  await world.runUntil(NOON_MS + 10 * MINUTE_MS);
  world.setDown(true);
  await world.runUntil(NOON_MS + 300 * MINUTE_MS);
  world.setDown(false);
  await world.runUntil(NOON_MS + 310 * MINUTE_MS);
  expect(requestedAt('missed')).toBeCloseTo(300, 0);
  expect(world.errors).toEqual([]);
});

test('however often a message is received while its event waits for its turn, it never becomes a dead letter, because a schedule replaces it', async () => {
  await sendAt(0, event('crowd', 30, 600));
  await sendAt(1, event('next', 30.5, 1));
  await world.runUntil(NOON_MS + 1.4 * MINUTE_MS);
  const [waiting] = world.queue('live-events').messages();
  if (!waiting) throw new Error('No message waits');
  // Its turn is near, so the message waits in its queue while enough receives are left.
  waiting.receiveCount = 199;
  const before = requestedAt('next');
  await world.runUntil(waiting.visibleAtMs);
  expect(before).toBeUndefined();
  expect(world.queue('live-events').messages()).toEqual([]);
  expect((await world.scheduleNames()).filter((name) => name.endsWith('-open'))).toHaveLength(1);
  await world.runUntil(NOON_MS + 10 * MINUTE_MS);
  expect(requestedAt('next')).toBeLessThan(4);
});

test('events of one import request their rooms in the order of their starts, although they arrived in another order', async () => {
  for (const [liveEventId, at] of [
    ['third', 5],
    ['first', 3],
    ['second', 4],
  ] as const)
    await sendAt(0, event(liveEventId, at, 100));
  await world.runUntil(NOON_MS + 5 * MINUTE_MS);
  expect(requestedAt('first')).toBeCloseTo(10 / 60, 5);
  // Each event takes twenty seconds of the quota, and requests its rooms when eight seconds of the backlog are left.
  expect(requestedAt('second')).toBeGreaterThanOrEqual(22 / 60);
  expect(requestedAt('second')).toBeLessThan(30 / 60);
  expect(requestedAt('third')).toBeGreaterThanOrEqual(42 / 60);
  expect(requestedAt('third')).toBeLessThan(50 / 60);
});

test('an event requests its rooms immediately from two minutes before its start on, without waiting for others of its import', async () => {
  await sendAt(0, event('near', 2, 1));
  await sendAt(0, event('far', 2 + 1 / MINUTE_MS, 1));
  await world.runUntil(NOON_MS + MINUTE_MS);
  expect(requestedAt('near')).toBe(0);
  expect(requestedAt('far')).toBeCloseTo(10 / 60, 5);
});

test('an event in its last minute does not wait for the rooms of an event that starts later', async () => {
  await sendAt(0, event('later', 60, 600, { leadTime: 'PT1H' }));
  await sendAt(0.5, event('soon', 2, 1));
  await world.runUntil(NOON_MS + 5 * MINUTE_MS);
  expect(requestedAt('later')).toBeLessThan(0.5);
  expect(requestedAt('soon')).toBeCloseTo(1, 1);
});

test('an event in its last minute waits for the rooms of one that starts earlier, even if that makes it late', async () => {
  await sendAt(0, event('later', 60, 20, { leadTime: 'PT1H' }));
  await sendAt(0.2, event('earlier', 1.9, 600));
  await sendAt(0.5, event('soon', 2, 1));
  await world.runUntil(NOON_MS + 5 * MINUTE_MS);
  expect(requestedAt('later')).toBeLessThan(0.2);
  expect(requestedAt('earlier')).toBeLessThan(0.25);
  expect(requestedAt('soon')).toBeGreaterThan(1.5);
  const warnings = world.published.filter(({ event: { type } }) => type === 'greenroom.roster.at-risk.v1');
  const warned = warnings.filter(({ event: { subject } }) => subject?.includes('soon'));
  expect((warned[0]?.atMs ?? Number.POSITIVE_INFINITY) - NOON_MS).toBeLessThan(2 * MINUTE_MS);
});
