import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { liveEventKey } from '../../../lib/live-events/live-event-item.ts';
import { openScene, type Scene } from '../scene.ts';
import { cancelled, describe as describeEvent, MINUTE_MS, NOON_MS, scheduled, timeText } from '../story.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.world.close());

const roomsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `room-${index}`, room: {} }));
const ROOM_A = { key: 'a', room: {} };
const startsAfter = (ms: number) => ({ startsAt: new Date(NOON_MS + ms).toISOString() });
const LIVE_EVENT = { liveEventId: 'final', revision: 1, startsAt: timeText(120) };

describe('an event at risk', () => {
  test('is announced with its missing rooms, the reason, and the number of ready rooms', async () => {
    await scene.send(0, scheduled(1, { rooms: [ROOM_A] }));
    await scene.runUntil(95);
    scene.workshop.setMode('stuck');
    await scene.send(95, scheduled(2, { rooms: [ROOM_A, { key: 'b', room: {} }] }));
    await scene.runUntil(111);
    expect(scene.announced('at-risk')).toMatchObject([
      {
        source: '/greenroom/test',
        subject: 'live/final/2',
        time: timeText(110),
        data: {
          kind: 'live-event',
          roster: 'live/final/2',
          liveEvent: { ...LIVE_EVENT, revision: 2 },
          cause: 'check',
          total: 2,
          ready: 1,
          missing: [{ key: 'b', outcome: 'open' }],
          missingTotal: 1,
        },
      },
    ]);
  });

  test('is announced with the reason why a room cannot be created', async () => {
    scene.workshop.setMode('refused');
    await scene.send(0, scheduled(1, { rooms: [ROOM_A] }));
    await scene.runUntil(111);
    const missing = [{ key: 'a', outcome: 'failed', reason: 'refused' }];
    expect(scene.announced('at-risk')).toMatchObject([{ data: { ready: 0, missing } }]);
  });

  test('is announced without a reason and without a time if these are unknown', async () => {
    scene.workshop.setMode('stuck');
    await scene.send(0, scheduled(1, { rooms: [ROOM_A] }));
    await scene.runUntil(111);
    const [{ data } = { data: {} }] = scene.announced('at-risk');
    expect(data).not.toHaveProperty('expectedAt');
    expect('missing' in data && data.missing).toEqual([{ key: 'a', outcome: 'open' }]);
  });

  // Two rooms take 402.01 ms of the quota, and three seconds to arrive.
  test.each([
    [3_402, 'late by a millisecond', ['2026-12-18T12:00:03.403Z']],
    [3_403, 'at its start', []],
  ])('starts after %d ms, with rooms that are expected %s', async (ms, _when, expected) => {
    await scene.send(0, scheduled(1, startsAfter(ms)));
    expect(scene.announced('at-risk').map(({ data }) => 'expectedAt' in data && data.expectedAt)).toEqual(expected);
    expect(await scene.item()).toMatchObject({ ready_by: NOON_MS + 3_403, opened_at: NOON_MS });
  });

  test('because of the pace is announced once for each revision, however often its turn is computed', async () => {
    await scene.world.close();
    scene = await openScene({ environment: { GREENROOM_CREATE_ROOM_TPS: '0.02' } });
    await scene.send(0, scheduled(1, { at: 3, liveEventId: 'crowd', rooms: roomsOf(12) }));
    await scene.send(0.3, scheduled(1, { at: 4 }));
    await scene.send(3, scheduled(2, { at: 4.9 }));
    await scene.runUntil(20);
    expect(
      scene
        .announced('at-risk')
        .map(describeEvent)
        .filter((line) => line.endsWith('pace: a open, b open')),
    ).toEqual(['at-risk r1 pace: a open, b open', 'at-risk r2 pace: a open, b open']);
    const looks = scene.outcomes().filter((outcome) => JSON.stringify(outcome).includes('not-its-turn'));
    expect(looks.length).toBeGreaterThan(3);
  });

  test('is not announced if all of its rooms exist, even if its start is moved very near', async () => {
    await scene.send(0, scheduled(1, { at: 30 }));
    await scene.send(1, scheduled(2, startsAfter(MINUTE_MS + 1_000)));
    await scene.runUntil(60);
    expect(scene.announced('at-risk')).toEqual([]);
    expect(scene.world.errors).toEqual([]);
    expect(scene.announced('completed')).toHaveLength(2);
  });
});

describe('a refusal', () => {
  const BROKEN = { ...scheduled(1), rooms: [] };

  test.each<[string, object | string, string, object]>([
    ['its event and revision', BROKEN, 'live/final/1', { liveEventId: 'final', revision: 1 }],
    ['its event', { ...BROKEN, revision: 'one' }, 'live/final', { liveEventId: 'final' }],
    ['no event if the message is unreadable', 'hello', 'live', {}],
  ])('names %s', async (_what, message, roster, liveEvent) => {
    await scene.send(0, message);
    expect(scene.announced('failed')).toMatchObject([{ subject: roster, data: { kind: 'live-event', roster } }]);
    expect(scene.announced('failed').map(({ data }) => 'liveEvent' in data && data.liveEvent)).toEqual([liveEvent]);
  });

  test('says what to do', async () => {
    await scene.send(0, scheduled(1), scheduled(1, { at: 240 }));
    await scene.send(1, cancelled(2));
    await scene.send(2, scheduled(3), scheduled(4, { at: 1 }));
    expect(scene.announced('failed').map(({ data }) => 'problems' in data && data.problems)).toEqual([
      [{ path: 'revision', message: 'was already used for this event with different content: raise it' }],
      [{ path: 'liveEventId', message: 'was cancelled, and stays cancelled: schedule it under another id' }],
      [{ path: 'liveEventId', message: 'was cancelled, and stays cancelled: schedule it under another id' }],
    ]);
  });

  test('has the same id for the same message, and another id for another message', async () => {
    await scene.send(0, BROKEN, BROKEN, { ...BROKEN, correlationId: 'c-2' });
    const ids = scene.announced('failed').map(({ id }) => id);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('a cancellation', () => {
  const cancellation = () => scene.announced('cancelled').map(({ data }) => data);

  test('lists the rooms that were created for any revision, in the order of their keys', async () => {
    const keys = ['d', 'b', 'a', 'c'];
    const roomsNamed = (names: string[]) => names.map((key) => ({ key, room: {} }));
    await scene.send(0, scheduled(1, { rooms: roomsNamed(keys) }));
    await scene.runUntil(91);
    scene.workshop.setMode('refused');
    await scene.send(91, scheduled(2, { rooms: roomsNamed([...keys, 'failed']) }));
    await scene.runUntil(92);
    await scene.send(92, cancelled(3));
    expect(cancellation()).toEqual([
      {
        kind: 'live-event',
        roster: 'live/final/3',
        liveEvent: { ...LIVE_EVENT, revision: 3 },
        rooms: keys.toSorted().map((key) => ({
          key,
          region: 'eu-west-1',
          arn: expect.stringMatching(new RegExp(`room/live-final-${key}$`)),
        })),
        roomsTotal: 4,
      },
    ]);
  });

  test('of an unknown event has no start', async () => {
    await scene.send(0, cancelled(2));
    expect(cancellation()).toMatchObject([{ rooms: [] }]);
    expect(cancellation().map((data) => 'liveEvent' in data && data.liveEvent)).toEqual([
      { liveEventId: 'final', revision: 2 },
    ]);
  });
});

test('recording an announcement does not restore an event that was deleted meanwhile', async () => {
  scene.workshop.setMode('stuck');
  await scene.send(0, scheduled(1));
  await scene.runUntil(109);
  const removal = new DeleteItemCommand({ TableName: 'rosters', Key: liveEventKey('final') });
  scene.meanwhile('UpdateItemCommand', /checked_revision/, () => scene.world.clients.dynamodb.send(removal));
  await scene.runUntil(111);
  expect(scene.announced('at-risk')).toHaveLength(1);
  expect(await scene.storedItem()).toEqual({});
});
