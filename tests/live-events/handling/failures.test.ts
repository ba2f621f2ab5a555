import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Outage } from '../../../bench/live-events/world.ts';
import { openScene, type Scene } from '../scene.ts';
import { cancelled, describe as describeEvent, MINUTE_MS, minuteOf, NOON_MS, scheduled } from '../story.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.world.close());

const DYNAMODB: Outage = ({ service }) => service === 'dynamodb';
const ANNOUNCEMENTS: Outage = ({ service }) => service === 'sns';
const NOTHING: Outage = () => false;
const DAY_MS = 24 * 60 * MINUTE_MS;

const roomsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `room-${index}`, room: {} }));
const said = (liveEventId = 'final') =>
  scene.world.published
    .filter(({ event: { data } }) => JSON.stringify(data).includes(`"${liveEventId}"`))
    .map(({ event, atMs }) => `${minuteOf(atMs)} ${describeEvent(event)}`);
const UNFINISHED = expect.objectContaining({ reason: 'unfinished', detail: expect.stringMatching(/; failed$/) });
const anError = expect.objectContaining({ name: expect.stringMatching(/Error$/) });
const line = { messageId: expect.any(String), receiveCount: 1, liveEventId: 'final', revision: 1 };

describe('a message that could not be handled', () => {
  test('is logged with its event, and returns two seconds later', async () => {
    scene.world.setOutage(DYNAMODB);
    await scene.send(0, scheduled(1));
    expect(scene.world.errors).toEqual([
      ['A message about a live event could not be handled', { ...line, error: anError }],
    ]);
    expect(scene.world.queue('live-events').messages()).toMatchObject([{ visibleAtMs: NOON_MS + 2_000 }]);
  });

  test('returns by the opening that it states, although nothing about its event could be stored', async () => {
    scene.world.setOutage(DYNAMODB);
    await scene.send(0, scheduled(1, { at: 61 }));
    await scene.runUntil(30);
    scene.world.setOutage(NOTHING);
    await scene.runUntil(40);
    expect(await scene.item()).toMatchObject({ live_state: 'opened', opened_at: NOON_MS + 31 * MINUTE_MS });
  });

  test('returns by the check of its event, although it does not state the check', async () => {
    await scene.send(0, scheduled(1));
    await scene.removeSchedules('');
    // Release 0.1.0 sends reminders without the times of the event.
    const reminder = { type: 'Live Event Due', liveEventId: 'final', revision: 1, occasion: 'open' };
    scene.world.setOutage(({ service, body }) => service === 'dynamodb' && body.includes('"TableName":"pace"'));
    await scene.send(90, reminder);
    await scene.runUntil(108.1);
    scene.world.setOutage(NOTHING);
    await scene.runUntil(110);
    expect(said()).toEqual([expect.stringMatching(/ completed r1 2 made, 0 failed$/)]);
  });

  test.each([
    ['eight days', 8 * DAY_MS, []],
    ['more than eight days', 8 * DAY_MS + 1, [UNFINISHED]],
  ])('is parked after %s, and not earlier', async (_when, ageMs, expected) => {
    scene.world.setOutage(DYNAMODB);
    await handleAged('live-events', ageMs);
    expect(parkedNotes()).toEqual(expected);
  });
});

async function handleAged(queueName: string, ageMs: number): Promise<void> {
  const queue = scene.world.queue(queueName);
  queue.send(JSON.stringify(scheduled(1)));
  const received = queue.receive(1).map((message) => ({ ...message, sentAtMs: message.sentAtMs - ageMs }));
  await scene.world.deliver(queueName, received);
}
const parkedNotes = () =>
  scene.world
    .queue('parked')
    .messages()
    .map(({ attributes }) => JSON.parse(attributes['greenroom-parked'] ?? ''));

describe('a dead letter that cannot be announced', () => {
  const DEAD = 'live-events-dead-letters';

  test('stays in its queue, and is delivered again after its visibility timeout', async () => {
    scene.world.setOutage(ANNOUNCEMENTS);
    await handleAged(DEAD, 0);
    expect(scene.world.queue(DEAD).messages()).toMatchObject([{ visibleAtMs: NOON_MS + 360_000 }]);
    expect(parkedNotes()).toEqual([]);
  });

  test.each([
    ['twelve days', 12 * DAY_MS, []],
    ['more than twelve days', 12 * DAY_MS + 1, [UNFINISHED]],
  ])('is parked after %s, and not earlier', async (_when, ageMs, expected) => {
    scene.world.setOutage(ANNOUNCEMENTS);
    await handleAged(DEAD, ageMs);
    expect(parkedNotes()).toEqual(expected);
  });
});

describe('without DynamoDB, or a part of it,', () => {
  test('a message that is not a live event is refused', async () => {
    scene.world.setOutage(DYNAMODB);
    await scene.send(0, 'hello');
    expect(scene.announced('failed').map(describeEvent)).toEqual(['failed ']);
    expect(scene.world.errors).toEqual([]);
  });

  test('an event with problems is refused immediately, and its message stays until the refusal is noted', async () => {
    scene.world.setOutage(DYNAMODB);
    await scene.send(0, { ...scheduled(1), rooms: [] });
    expect(scene.announced('failed').map(describeEvent)).toEqual(['failed r1 rooms']);
    expect(scene.world.queue('live-events').messages()).toHaveLength(1);
    scene.world.setOutage(NOTHING);
    await scene.runUntil(30);
    expect(scene.world.queue('live-events').messages()).toEqual([]);
    // Consumers recognise the repeated announcement by its id.
    expect(new Set(scene.announced('failed').map(({ id }) => id)).size).toBe(1);
  });

  test('a new event is accepted, because it has no rosters yet', async () => {
    scene.world.setOutage(({ action }) => action === 'Query');
    await scene.send(0, scheduled(1));
    expect(scene.world.errors).toEqual([]);
    expect(await scene.item()).toMatchObject({ live_state: 'pending' });
  });

  test('a revision is accepted, and all of its rooms count as missing until its turn', async () => {
    await scene.send(0, scheduled(1));
    await scene.runUntil(91);
    scene.world.setOutage(({ body }) => body.includes('SET rooms_by_region = :rooms'));
    await scene.send(91, scheduled(2, { at: 300 }));
    expect(scene.world.errors).toEqual([
      [
        'The number of rooms that a live event needs could not be stored; other events wait for all of its rooms',
        { liveEventId: 'final', revision: 2, error: anError },
      ],
    ]);
    expect(await scene.item()).toMatchObject({ revision: 2, rooms_by_region: { 'eu-west-1': 2 } });
    await scene.runUntil(271);
    expect(said().at(-1)).toBe('270 completed r2 2 made, 0 failed');
  });
});

describe('while an event waits for its turn', () => {
  beforeEach(async () => {
    await scene.world.close();
    scene = await openScene({ environment: { GREENROOM_CREATE_ROOM_TPS: '0.02' } });
    // The rooms of this event take forty minutes of the quota.
    await scene.send(0, scheduled(1, { at: 60, liveEventId: 'crowd', rooms: roomsOf(48), leadTime: 'PT60M' }));
    await scene.runUntil(0.5);
  });

  test('a failed warning that it will be late is repeated within a minute, although its turn is far away', async () => {
    await scene.send(1, scheduled(1, { at: 60, liveEventId: 'more', rooms: roomsOf(48), leadTime: 'PT60M' }));
    scene.world.setOutage(ANNOUNCEMENTS);
    await scene.send(1, scheduled(1, { at: 61, leadTime: 'PT60M' }));
    await scene.runUntil(1.3);
    expect(scene.world.errors).toContainEqual([
      'The warning that a live event will be late could not be published',
      { liveEventId: 'final', revision: 1, error: anError },
    ]);
    scene.world.setOutage(NOTHING);
    await scene.runUntil(2.3);
    expect(said()).toContainEqual(expect.stringMatching(/^2:\d+ at-risk r1 pace: a open, b open$/));
    await scene.runUntil(120);
    expect(said()).toContainEqual(expect.stringMatching(/^8\d:\d+ completed r1 2 made, 0 failed$/));
  });

  test('its message leaves the check to the reminder, and returns seconds after the check', async () => {
    await scene.send(0.6, scheduled(1, { at: 61, liveEventId: 'more', rooms: roomsOf(48), leadTime: 'PT90M' }));
    await scene.send(0.6, scheduled(1, { at: 61.5, leadTime: 'PT90M', atRiskTime: 'PT30M' }));
    await scene.runUntil(1);
    expect(
      scene.world
        .queue('live-events')
        .messages()
        .map(({ visibleAtMs }) => minuteOf(visibleAtMs)),
    ).toContain('31:40');
  });

  describe('and the reminder of its check is lost', () => {
    beforeEach(async () => {
      await scene.send(0.5, scheduled(1, { at: 62, leadTime: 'PT60M', atRiskTime: 'PT50M' }));
      await scene.runUntil(3);
      await scene.removeSchedules('-check');
    });

    test('the message that waits for its turn performs the check, seconds later', async () => {
      await scene.runUntil(14);
      expect(said()).toEqual(['12:10 at-risk r1 check: a open, b open']);
    });

    test('that message returns soon if the warning cannot be published', async () => {
      await scene.runUntil(12);
      scene.world.setOutage(ANNOUNCEMENTS);
      await scene.runUntil(12.5);
      expect(scene.world.errors).toEqual([
        ['Live event message handled', expect.objectContaining({ reason: 'not-its-turn', cause: anError })],
      ]);
      scene.world.setOutage(NOTHING);
      // Otherwise the message would return only at 26:30, for its turn.
      await scene.runUntil(18);
      expect(said()).toEqual([expect.stringMatching(/^15:\d+ at-risk r1 check: a open, b open$/)]);
    });
  });
});

test('a cancellation that cannot be announced deletes the schedules, and is announced later', async () => {
  await scene.send(0, scheduled(1));
  scene.world.setOutage(ANNOUNCEMENTS);
  await scene.send(1, cancelled(2));
  expect(await scene.world.scheduleNames()).toEqual([]);
  scene.world.setOutage(NOTHING);
  await scene.runUntil(2);
  expect(said()).toEqual([expect.stringMatching(/^1:\d+ cancelled r2$/)]);
});

test('a revision of a cancelled event is refused although its schedules cannot be deleted yet', async () => {
  await scene.send(0, cancelled(2));
  scene.world.setOutage(({ service }) => service === 'scheduler');
  await scene.send(1, scheduled(3));
  expect(said()).toEqual(['0 cancelled r2', '1 failed r3 liveEventId']);
  expect(scene.world.queue('live-events').messages()).toHaveLength(1);
  scene.world.setOutage(NOTHING);
  await scene.runUntil(2);
  expect(scene.world.queue('live-events').messages()).toEqual([]);
});
