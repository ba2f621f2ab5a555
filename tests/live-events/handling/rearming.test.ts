import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateScheduleGroupCommand,
  DeleteScheduleGroupCommand,
  paginateListSchedules,
} from '@aws-sdk/client-scheduler';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterEach, describe, expect, test } from '@jest/globals';
import { lambdaContext } from '../../../bench/simulation/lambda-context.ts';
import { liveEventKey } from '../../../lib/live-events/live-event-item.ts';
import { rearmEvents } from '../../../lib/live-events/rearm-events.ts';
import { scheduleName } from '../../../lib/live-events/schedules.ts';
import { openScene, type Scene } from '../scene.ts';
import { MINUTE_MS, minuteOf, NOON_MS, scheduled } from '../story.ts';

const Name = 'shows';

let scene: Scene;
afterEach(() => scene.world.close());

const event = (liveEventId: string, at: number) => scheduled(1, { liveEventId, at });
const askedAt = () => [...new Set(scene.lines.map(({ atMs }) => minuteOf(atMs)))];

async function rearmAt(minute: number) {
  await scene.runUntil(minute);
  const summary = await scene.world.rearm();
  await scene.runUntil(minute);
  return summary;
}

async function scheduleNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { Schedules = [] } of paginateListSchedules({ client: scene.world.clients.scheduler }, {}))
    names.push(...Schedules.map((each) => each.Name ?? ''));
  return names;
}

/** Stores pending events without schedules, as a restored table contains them. */
async function restoreEvents(count: number, startMinuteOf: (index: number) => number): Promise<void> {
  await scene.send(0, event('model', 10_000));
  await scene.removeSchedules('');
  const model = await scene.storedItem('model');
  for (let index = 0; index < count; index++) {
    const live_event_id = `restored-${index}`;
    const starts_at = NOON_MS + startMinuteOf(index) * MINUTE_MS;
    const times = { starts_at, opens_at: starts_at - 30 * MINUTE_MS, check_at: starts_at - 10 * MINUTE_MS };
    const Item = marshall({ ...model, live_event_id, ...times, expected_at: times.opens_at });
    const item = { TableName: 'rosters', Item: { ...Item, ...liveEventKey(live_event_id) } };
    await scene.world.clients.dynamodb.send(new PutItemCommand(item));
  }
}

describe('while the schedule group does not exist', () => {
  async function openWithoutGroup(): Promise<void> {
    scene = await openScene({ environment: { GREENROOM_SCHEDULE_GROUP: Name } });
    const { scheduler } = scene.world.clients;
    await scheduler.send(new CreateScheduleGroupCommand({ Name }));
    await scene.send(0, event('soon', 60), event('later', 120));
    await scheduler.send(new DeleteScheduleGroupCommand({ Name }));
  }

  test('each run fails with an error that names the group, and events are overdue', async () => {
    await openWithoutGroup();
    expect(await rearmAt(5)).toBeUndefined();
    expect(scene.world.errors).toEqual([
      [
        'Reminders of live events could not be restored',
        {
          ...{ overdue: 0, examined: 0, rearmed: 0, left: 4 },
          error: expect.objectContaining({
            name: 'MissingScheduleGroupError',
            message: expect.stringMatching(/^The schedule group shows does not exist: create it again/),
          }),
        },
      ],
    ]);
    await rearmAt(35);
    expect(scene.world.overdueReminders).toEqual([0, 1]);
  });

  test('nothing is lost: rooms are requested and checked a few minutes late', async () => {
    await openWithoutGroup();
    for (let minute = 5; minute <= 150; minute += 5) await rearmAt(minute);
    expect(askedAt()).toEqual(['35', '95']);
    expect(scene.announced('completed')).toHaveLength(2);
    expect(scene.announced('at-risk')).toEqual([]);
    for (const id of ['soon', 'later']) expect(await scene.item(id)).toMatchObject({ checked_revision: 1 });
  });

  test('a run makes few calls, however many events there are', async () => {
    await openWithoutGroup();
    await restoreEvents(100, (index) => 200 + index);
    const calls: string[] = [];
    scene.world.setOutage(({ service }) => service === 'scheduler' && calls.push(service) === 0);
    await scene.world.rearm();
    expect(calls).toHaveLength(10);
  });

  test('once it exists again, the schedules do too, and fire in time', async () => {
    await openWithoutGroup();
    await rearmAt(35);
    await scene.world.clients.scheduler.send(new CreateScheduleGroupCommand({ Name }));
    expect(await rearmAt(40)).toEqual({ overdue: 0, examined: 3, rearmed: 3, left: 0 });
    await scene.runUntil(200);
    expect(askedAt()).toEqual(['35', '90']);
    expect(await scheduleNames()).toEqual([]);
  });
});

describe('thousands of events without reminders', () => {
  test('get them back in several runs: the most urgent in the first one, and some of the others in each', async () => {
    scene = await openScene();
    // Twelve events open within a quarter of an hour, the others in two hours or later.
    const [near, far] = [12, 1_500];
    await restoreEvents(near + far, (index) => (index < near ? 33 + index : 150 + index));
    const first = await rearmAt(1);
    expect(first).toMatchObject({ overdue: 0, left: 0 });
    expect(first?.rearmed).toBeGreaterThan(near);
    expect(first?.rearmed).toBeLessThan(700);
    for (let minute = 6; minute <= 46; minute += 5) expect((await rearmAt(minute))?.rearmed).toBeLessThan(700);
    // Both reminders of each far event, and those of the near ones that have not fired yet.
    expect((await scheduleNames()).length).toBeGreaterThanOrEqual(2 * far);
    expect(await scene.world.rearm()).toMatchObject({ overdue: 0, rearmed: 0 });
  }, 120_000);

  test('are left for the next run when the invocation runs out of time, except the most urgent ones', async () => {
    scene = await openScene();
    await restoreEvents(100, (index) => 60 - index / 10);
    const { liveEvents } = scene.world;
    const timeIsOver = Promise.withResolvers<void>();
    let calls = 0;
    scene.world.setOutage(({ service }) => {
      if (service === 'scheduler' && ++calls === 40) timeIsOver.resolve();
      return false;
    });
    const clock = { ...liveEvents.clock, sleep: () => timeIsOver.promise };
    const summary = await rearmEvents(
      lambdaContext(NOON_MS, () => NOON_MS),
      { ...liveEvents, clock },
    );
    expect(summary).toEqual({ overdue: 0, examined: 40, rearmed: 40, left: 162 });
    const urgent = Array.from({ length: 40 }, (_, index) => scheduleName('test', `restored-${99 - index}`, 'open'));
    expect(new Set(await scheduleNames())).toEqual(new Set(urgent));
  });
});

test('a run that crashes at any call leaves what the next one needs', async () => {
  let crashes = 0;
  for (const effect of [false, true]) {
    for (let atCall = 1; ; atCall++) {
      scene = await openScene();
      await scene.send(0, event('a', 60), event('b', 120));
      await scene.runUntil(1);
      await scene.removeSchedules('');
      await scene.runUntil(33);
      scene.world.interruptions.setCrash({ atCall, effect });
      await scene.world.rearm();
      const hasCrashed = !scene.world.interruptions.hasCrashAhead();
      if (!hasCrashed) break;
      crashes += 1;
      for (let minute = 38; minute <= 150; minute += 5) await rearmAt(minute);
      const context = `${effect ? 'after' : 'before'} call ${atCall}`;
      expect([context, scene.lines.length, scene.announced('at-risk')]).toEqual([context, 4, []]);
      expect([context, scene.announced('completed').length]).toEqual([context, 2]);
      expect([context, await scheduleNames(), scene.world.errors]).toEqual([context, [], []]);
      await scene.world.close();
    }
    await scene.world.close();
  }
  expect(crashes).toBeGreaterThan(10);
  scene = await openScene();
}, 120_000);

describe('a run continues with the other events', () => {
  test('if one item cannot be read', async () => {
    scene = await openScene();
    await scene.send(0, event('a', 60), event('b', 60));
    await scene.runUntil(31);
    await scene.removeSchedules('');
    const damaged = marshall({ ...(await scene.storedItem('a')), rooms: 'none' });
    await scene.world.clients.dynamodb.send(
      new PutItemCommand({ TableName: 'rosters', Item: { ...damaged, ...liveEventKey('a') } }),
    );
    expect(await rearmAt(53)).toBeUndefined();
    expect(await scene.item('b')).toMatchObject({ checked_revision: 1 });
    expect(scene.world.errors).toMatchObject([['Reminders of live events could not be restored', {}]]);
  });

  test('if one in the index cannot be read', async () => {
    scene = await openScene();
    await scene.send(0, event('a', 120), event('b', 120));
    await scene.removeSchedules('');
    const { opens_at: _, ...damaged } = await scene.storedItem('a');
    await scene.world.clients.dynamodb.send(
      new PutItemCommand({ TableName: 'rosters', Item: { ...marshall(damaged), ...liveEventKey('a') } }),
    );
    expect(await rearmAt(5)).toMatchObject({ rearmed: 2 });
    expect(scene.world.errors).toMatchObject([
      ['A live event in the index cannot be read', { pk: liveEventKey('a').pk.S }],
    ]);
  });

  test('if the schedule of one cannot be set', async () => {
    scene = await openScene();
    await scene.send(0, event('a', 120), event('b', 120));
    await scene.removeSchedules('');
    scene.world.setOutage(({ service, body }) => service === 'scheduler' && body.includes(':\\\\\\"a\\\\\\"'));
    expect(await rearmAt(5)).toBeUndefined();
    expect(await scheduleNames()).toHaveLength(2);
    scene.world.setOutage(() => false);
    expect(await rearmAt(10)).toMatchObject({ rearmed: 2 });
  });

  test('if reminders cannot be sent: schedules are set nevertheless', async () => {
    scene = await openScene();
    await scene.send(0, event('a', 60), event('b', 120));
    await scene.removeSchedules('');
    scene.world.setOutage(({ service }) => service === 'sqs');
    expect(await rearmAt(35)).toBeUndefined();
    expect(scene.world.overdueReminders).toEqual([1]);
    expect(await scheduleNames()).toHaveLength(3);
  });

  test('but fails if the events cannot be read', async () => {
    scene = await openScene();
    scene.world.setOutage(({ service }) => service === 'dynamodb');
    expect(await rearmAt(5)).toBeUndefined();
    expect(scene.world.overdueReminders).toEqual([]);
  });
});
