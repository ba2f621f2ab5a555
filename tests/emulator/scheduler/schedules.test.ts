import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListSchedulesCommand,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRandom } from '../../../emulator/random.ts';
import { DEAD_LETTERS, openScheduler, QUEUE, type SchedulerFixture, scheduleInput } from './scheduler-fixture.ts';

const ROLE = 'arn:aws:iam::000000000000:role/scheduler';

let fixture: SchedulerFixture;
beforeEach(async () => {
  fixture = await openScheduler();
});
afterEach(() => fixture.close());

const create = (changes: Partial<CreateScheduleCommandInput> = {}) =>
  fixture.client.send(new CreateScheduleCommand(scheduleInput(changes)));
const update = (changes: Partial<CreateScheduleCommandInput> = {}) =>
  fixture.client.send(new UpdateScheduleCommand(scheduleInput(changes)));
const remove = (Name: string) => fixture.client.send(new DeleteScheduleCommand({ Name }));
const names = async () =>
  ((await fixture.client.send(new ListSchedulesCommand({}))).Schedules ?? []).map(({ Name }) => Name);
const bodies = () => fixture.sent.map(({ body }) => body);

describe('a one-time schedule', () => {
  test('is created, returned and listed', async () => {
    const { ScheduleArn } = await create();
    expect(ScheduleArn).toBe('arn:aws:scheduler:eu-west-1:000000000000:schedule/default/final-open');
    const read = await fixture.client.send(new GetScheduleCommand({ Name: 'final-open' }));
    expect(read).toMatchObject({
      Arn: ScheduleArn,
      GroupName: 'default',
      ScheduleExpression: 'at(2026-12-18T19:30:00)',
      ActionAfterCompletion: 'DELETE',
      State: 'ENABLED',
      Target: { Arn: QUEUE, Input: '{"due":true}', RetryPolicy: { MaximumRetryAttempts: 185 } },
    });
    expect(read.CreationDate).toEqual(new Date('2026-12-18T12:00:00Z'));
    expect(await names()).toEqual(['final-open']);
  });

  test('fires once, not before its time, and is then deleted', async () => {
    await create();
    await fixture.goTo('2026-12-18T19:29:59');
    expect(bodies()).toEqual([]);
    await fixture.goTo('2026-12-18T19:30:00');
    await fixture.goTo('2026-12-18T19:30:01');
    expect(fixture.sent).toEqual([{ queueArn: QUEUE, body: '{"due":true}', attributes: undefined }]);
    expect(await names()).toEqual([]);
  });

  test('is kept after it fires unless it requests its deletion', async () => {
    await create({ ActionAfterCompletion: 'NONE' });
    await fixture.goTo('2026-12-18T20:00:00');
    await fixture.goTo('2026-12-18T20:00:01');
    expect(bodies()).toHaveLength(1);
    expect(await names()).toEqual(['final-open']);
  });

  test('has another time and another input after an update', async () => {
    await create();
    await update({
      ScheduleExpression: 'at(2026-12-18T21:00:00)',
      Target: { Arn: QUEUE, RoleArn: ROLE, Input: 'later' },
    });
    await fixture.goTo('2026-12-18T20:00:00');
    expect(bodies()).toEqual([]);
    await fixture.goTo('2026-12-18T21:00:00');
    expect(bodies()).toEqual(['later']);
  });

  test('does not fire once it is deleted', async () => {
    await create();
    await remove('final-open');
    await fixture.goTo('2026-12-19T00:00:00');
    expect(bodies()).toEqual([]);
  });

  test('fires when the stack is up again if it became due while the stack was down', async () => {
    await create();
    await create({ Name: 'next-day', ScheduleExpression: 'at(2026-12-19T19:30:00)' });
    await fixture.restart();
    await fixture.goTo('2026-12-18T23:00:00');
    expect(bodies()).toHaveLength(1);
    await fixture.restart();
    expect(await names()).toEqual(['next-day']);
  });
});

describe('a target that cannot be reached', () => {
  const Target = {
    Arn: QUEUE,
    RoleArn: ROLE,
    Input: 'due',
    DeadLetterConfig: { Arn: DEAD_LETTERS },
    RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3_600 },
  };

  test('is tried again after a wait', async () => {
    await create({ Target });
    fixture.refusing.add(QUEUE);
    await fixture.goTo('2026-12-18T19:30:00');
    fixture.refusing.clear();
    await fixture.goTo('2026-12-18T19:30:00');
    expect(bodies()).toEqual([]);
    await fixture.goTo('2026-12-18T19:30:01');
    expect(bodies()).toEqual(['due']);
  });

  test.each([
    ['after its last attempt', ['19:30:00', '19:30:10', '19:30:20']],
    ['when the schedule is too old', ['19:30:00', '20:31:00']],
  ])('has its message sent to the dead-letter queue %s', async (_case, times) => {
    await create({ Target });
    fixture.refusing.add(QUEUE);
    for (const time of times) await fixture.goTo(`2026-12-18T${time}`);
    expect(fixture.sent).toEqual([
      { queueArn: DEAD_LETTERS, body: 'due', attributes: expect.objectContaining({ ERROR_MESSAGE: 'no such queue' }) },
    ]);
    expect(await names()).toEqual([]);
  });
});

describe('"All schedule types on EventBridge Scheduler invoke their targets with 60 second precision"', () => {
  // "This means that if you set your schedule to run at 1:00, it will invoke the target API between 1:00:00 and 1:00:59."
  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
  const firingTimes = async (seed: number) => {
    const late = await openScheduler({ random: createRandom(seed) });
    const Names = Array.from({ length: 40 }, (_, index) => `schedule-${index}`);
    for (const Name of Names) await late.client.send(new CreateScheduleCommand(scheduleInput({ Name })));
    const counts: number[] = [];
    for (const time of ['29:59', '30:00', '30:15', '30:30', '30:45', '30:59', '31:00']) {
      await late.goTo(`2026-12-18T19:${time}`);
      counts.push(late.sent.length);
    }
    await late.close();
    return counts;
  };

  test('a schedule fires within the minute after its time, and not earlier', async () => {
    const counts = await firingTimes(1);
    expect(counts[0]).toBe(0);
    expect(counts.at(-1)).toBe(40);
    // The schedules are spread over the minute: some fire in each quarter of it.
    const ofQuarters = counts.slice(2, 6).map((count, index) => count - (counts[index + 1] ?? 0));
    for (const count of ofQuarters) expect(count).toBeGreaterThan(2);
  });

  test('the seed decides how late a schedule fires', async () => {
    expect(await firingTimes(2)).toEqual(await firingTimes(2));
    expect(await firingTimes(2)).not.toEqual(await firingTimes(3));
  });

  test('a schedule that is moved gets a new delay, and keeps it after a restart', async () => {
    const late = await openScheduler({ random: () => 0.5 });
    await late.client.send(new CreateScheduleCommand(scheduleInput()));
    await late.client.send(new UpdateScheduleCommand(scheduleInput({ ScheduleExpression: 'at(2026-12-18T21:00:00)' })));
    await late.goTo('2026-12-18T21:00:29');
    expect(late.sent).toEqual([]);
    await late.restart();
    await late.goTo('2026-12-18T21:00:30');
    expect(late.sent).toHaveLength(1);
    await late.close();
  });
});

test('a schedule may fire twice, because the service promises only at-least-once delivery', async () => {
  const nasty = await openScheduler({ duplicateRate: 1 });
  await nasty.client.send(new CreateScheduleCommand(scheduleInput()));
  await nasty.goTo('2026-12-18T19:30:00');
  expect(nasty.sent).toHaveLength(2);
  await nasty.close();
});

describe('the emulator refuses', () => {
  test.each<[string, Partial<CreateScheduleCommandInput>]>([
    ['a name of 65 characters', { Name: 'x'.repeat(65) }],
    ['a name with a space', { Name: 'final open' }],
    ['a recurring schedule', { ScheduleExpression: 'rate(1 hour)' }],
    ['a time without seconds', { ScheduleExpression: 'at(2026-12-18T19:30)' }],
    ['an invalid date', { ScheduleExpression: 'at(2026-13-18T19:30:00)' }],
    ['a time zone other than UTC', { ScheduleExpressionTimezone: 'Europe/Berlin' }],
    ['a role that is not an ARN', { Target: { Arn: QUEUE, RoleArn: 'SchedulerRole', Input: 'i' } }],
    ['a flexible window', { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 } }],
    [
      'a target other than a queue',
      { Target: { Arn: 'arn:aws:lambda:eu-west-1:0:function:f', RoleArn: ROLE, Input: 'i' } },
    ],
    [
      'more retries than the maximum',
      { Target: { Arn: QUEUE, RoleArn: ROLE, Input: 'i', RetryPolicy: { MaximumRetryAttempts: 186 } } },
    ],
  ])('%s', async (_case, changes) => {
    await expect(create(changes)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('a name that exists, unless the same call is repeated', async () => {
    await create({ ClientToken: 'once' });
    await expect(create()).rejects.toMatchObject({ name: 'ConflictException' });
    await expect(create({ ClientToken: 'once' })).resolves.toMatchObject({ ScheduleArn: expect.any(String) });
  });

  test('a schedule or a group that does not exist', async () => {
    const missing = { name: 'ResourceNotFoundException' };
    await expect(update()).rejects.toMatchObject(missing);
    await expect(remove('final-open')).rejects.toMatchObject(missing);
    await expect(fixture.client.send(new GetScheduleCommand({ Name: 'final-open' }))).rejects.toMatchObject(missing);
    await expect(create({ GroupName: 'shows' })).rejects.toMatchObject(missing);
  });
});

test('a group has its own schedules, which are deleted with it', async () => {
  const { client } = fixture;
  await client.send(new CreateScheduleGroupCommand({ Name: 'shows' }));
  expect(await client.send(new GetScheduleGroupCommand({ Name: 'shows' }))).toMatchObject({ State: 'ACTIVE' });
  await create();
  await create({ GroupName: 'shows' });
  await create({ GroupName: 'shows', Name: 'final-check' });
  const page = await client.send(new ListSchedulesCommand({ GroupName: 'shows', MaxResults: 1 }));
  const rest = await client.send(new ListSchedulesCommand({ GroupName: 'shows', NextToken: page.NextToken }));
  expect([page, rest].flatMap(({ Schedules = [] }) => Schedules.map(({ Name }) => Name))).toEqual([
    'final-check',
    'final-open',
  ]);
  await client.send(new DeleteScheduleGroupCommand({ Name: 'shows' }));
  expect(await names()).toEqual(['final-open']);
});
