import { GetScheduleCommand } from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readMembers } from '../../../lib/rosters/roster-members.ts';
import { readRoster } from '../../../lib/rosters/roster-states.ts';
import { openScene, type Scene } from '../scene.ts';
import { cancelled, MINUTE_MS, NOON_MS, scheduled, timeText } from '../story.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
  scene.workshop.setMode('stuck');
});
afterEach(() => scene.world.close());

const ROOMS = [
  { key: 'a', room: { name: 'stage' } },
  { key: 'b', room: {}, region: 'us-east-1' },
];
const METADATA = { fixture: 7, channel: null };
const DETAILED = { rooms: ROOMS, tenant: 'sports', correlationId: 'c-1', metadata: METADATA };

describe('the rooms of an event', () => {
  test('are requested with keys of the event, in their regions, for its tenant, and are needed until an hour after its start', async () => {
    await scene.send(0, scheduled(7, DETAILED));
    await scene.runUntil(90);
    const requests = scene.world.queue('interactive').messages();
    const common = {
      tenant: 'sports',
      correlationId: 'c-1',
      metadata: METADATA,
      neededBy: timeText(180),
      roster: 'live/final/7',
    };
    expect(requests.map(({ body }) => JSON.parse(body))).toEqual([
      { idempotencyKey: 'live/final/a', room: { name: 'stage' }, ...common },
      { idempotencyKey: 'live/final/b', room: {}, region: 'us-east-1', ...common },
    ]);
    // Each request is in the message group of its tenant and region, so that tenants do not wait for one another.
    expect(requests.map(({ groupId }) => groupId)).toEqual(['sports/eu-west-1', 'sports/us-east-1']);
  });

  test('have the metadata of the revision that was accepted first, if it is sent again with other metadata', async () => {
    await scene.send(0, scheduled(7, DETAILED), scheduled(7, { ...DETAILED, metadata: { fixture: 8 } }));
    await scene.runUntil(90);
    expect(scene.announced('failed')).toEqual([]);
    const [first] = scene.world.queue('interactive').messages();
    expect(JSON.parse(first?.body ?? '')).toMatchObject({ metadata: METADATA });
  });

  test('have no correlation id, no metadata and no region if the event has none, even if an earlier revision had', async () => {
    await scene.send(0, scheduled(0, DETAILED), scheduled(1));
    await scene.runUntil(90);
    const bodies = scene.world
      .queue('interactive')
      .messages()
      .map(({ body }) => JSON.parse(body));
    expect(bodies.map((body) => Object.keys(body).toSorted())).toEqual(
      Array(2).fill(['idempotencyKey', 'neededBy', 'room', 'roster', 'tenant']),
    );
  });

  test('are the members of a sealed roster, with their regions and names', async () => {
    await scene.send(0, scheduled(7, DETAILED));
    await scene.runUntil(90);
    const { rosters } = scene.world.liveEvents;
    expect(await readRoster(rosters, 'live/final/7')).toMatchObject({
      kind: 'live-event',
      state: 'sealed',
      revision: 7,
      members: 2,
      live_event: { liveEventId: 'final', revision: 7, startsAt: timeText(120) },
    });
    const members = [];
    for await (const member of readMembers(rosters, 'live/final/7')) members.push(member);
    expect(members.toSorted((a, b) => (a.idempotency_key < b.idempotency_key ? -1 : 1))).toEqual([
      { ledger_key: expect.any(String), idempotency_key: 'live/final/a', region: 'eu-west-1', room_name: 'stage' },
      { ledger_key: expect.any(String), idempotency_key: 'live/final/b', region: 'us-east-1' },
    ]);
  });
});

describe('the item of an event', () => {
  const counted = { 'eu-west-1': 1, 'us-east-1': 1 };

  test('states when the event is examined next, and is kept for the retention period after the start', async () => {
    await scene.send(1, scheduled(7, DETAILED));
    expect(await scene.item()).toMatchObject({
      live_state: 'pending',
      tenant: 'sports',
      correlation_id: 'c-1',
      accepted_at: NOON_MS + MINUTE_MS,
      starts_at: NOON_MS + 120 * MINUTE_MS,
      opens_at: NOON_MS + 90 * MINUTE_MS,
      check_at: NOON_MS + 110 * MINUTE_MS,
      expected_at: NOON_MS + 90 * MINUTE_MS,
      rooms: ROOMS,
      rooms_by_region: counted,
    });
    expect(await scene.storedItem()).toMatchObject({
      rooms_total: 2,
      expires_at: NOON_MS / 1000 + 120 * 60 + 90 * 86_400,
    });
  });

  test.each<[string, number, number]>([
    ['that begins now', 30, 15 * MINUTE_MS],
    ['that has begun', 20, 10 * MINUTE_MS],
    ['that has begun, in whole milliseconds', 20 + 1 / MINUTE_MS, 10 * MINUTE_MS],
    ['that is still to come', 31, 11 * MINUTE_MS],
  ])('states a check no earlier than halfway to the start, for a lead time %s', async (_what, at, afterMs) => {
    await scene.send(0, scheduled(1, { at, atRiskTime: 'PT20M' }));
    expect(await scene.item()).toMatchObject({
      check_at: NOON_MS + afterMs,
      expected_at: Math.max(NOON_MS, NOON_MS + (at - 30) * MINUTE_MS),
    });
  });

  test('is kept for the retention period from now on if a cancellation arrived first', async () => {
    await scene.send(1, { ...cancelled(3), tenant: 'sports' });
    expect(await scene.storedItem()).toMatchObject({
      live_state: 'cancelled',
      tenant: 'sports',
      revision: 3,
      cancelled_revision: 3,
      cancelled_at: NOON_MS + MINUTE_MS,
      expires_at: NOON_MS / 1000 + 60 + 90 * 86_400,
    });
  });

  test('keeps the data of a cancelled event, and the revision and time of its first cancellation', async () => {
    await scene.send(0, scheduled(2, DETAILED));
    await scene.send(1, cancelled(4));
    await scene.send(2, cancelled(5));
    expect(await scene.item()).toMatchObject({
      live_state: 'cancelled',
      tenant: 'sports',
      revision: 2,
      cancelled_revision: 4,
      cancelled_at: NOON_MS + MINUTE_MS,
      starts_at: NOON_MS + 120 * MINUTE_MS,
    });
  });
});

describe('the schedules of an event', () => {
  const scheduleOf = async (occasion: string) => {
    const names = await scene.world.scheduleNames();
    const Name = names.find((name) => name.endsWith(`-${occasion}`));
    return scene.world.clients.scheduler.send(new GetScheduleCommand({ Name }));
  };

  test.each([
    ['open', '2026-12-18T13:29:00'],
    ['check', '2026-12-18T13:49:00'],
  ])(
    '%s: sends a reminder to the queue a minute before it is due, and is retried for a day',
    async (occasion, time) => {
      await scene.send(0, scheduled(3));
      const { Target, ...schedule } = await scheduleOf(occasion);
      expect(schedule).toMatchObject({
        Name: expect.stringMatching(/^[0-9a-f]{40}-/),
        GroupName: 'default',
        ScheduleExpression: `at(${time})`,
        ScheduleExpressionTimezone: 'UTC',
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
      });
      expect(Target).toMatchObject({
        Arn: 'arn:aws:sqs:eu-west-1:000000000000:live-events',
        RoleArn: 'arn:aws:iam::000000000000:role/scheduler',
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-west-1:000000000000:scheduler-dead-letters' },
      });
      const { Message, ...around } = JSON.parse(Target?.Input ?? '');
      expect(JSON.parse(Message)).toEqual({ type: 'Live Event Due', liveEventId: 'final', revision: 3, occasion });
      expect(around).toEqual({
        Type: 'Notification',
        moments: {
          startsAtMs: NOON_MS + 120 * MINUTE_MS,
          opensAtMs: NOON_MS + 90 * MINUTE_MS,
          checkAtMs: NOON_MS + 110 * MINUTE_MS,
        },
      });
    },
  );

  test('are moved with the event', async () => {
    await scene.send(0, scheduled(1));
    await scene.send(1, scheduled(2, { at: 180 }));
    const { ScheduleExpression, Target } = await scheduleOf('open');
    expect(ScheduleExpression).toBe('at(2026-12-18T14:29:00)');
    expect(JSON.parse(JSON.parse(Target?.Input ?? '').Message)).toMatchObject({ revision: 2 });
  });

  test('are rounded up to whole seconds', async () => {
    await scene.send(0, scheduled(1, { startsAt: '2026-12-18T14:00:00.001Z' }));
    expect((await scheduleOf('open')).ScheduleExpression).toBe('at(2026-12-18T13:29:01)');
  });

  test('differ between events', async () => {
    await scene.send(0, scheduled(1), scheduled(1, { liveEventId: 'semifinal' }));
    expect(new Set(await scene.world.scheduleNames()).size).toBe(4);
  });
});
