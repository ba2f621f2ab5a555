import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  asDeployed,
  compileTemplate,
  type Deployed,
  type Resources,
  TOPIC_ARN,
  withoutAction,
} from '../compiled-template.ts';
import { type Deployment, HOUR_MS, MINUTE_MS, openDeployment } from '../deployment.ts';
import { AlarmError, type Day, runFault, untilOn, untilOver } from '../game-day/day.ts';
import {
  aMissingPermission,
  anHourWithoutSns,
  anUnreadableMessage,
  aPoisonMessage,
  aRegionOutOfQuota,
  aRemovedScheduleGroup,
} from '../game-day/faults.ts';
import { createOperator } from '../game-day/guide.ts';
import { brokenPromises, collectEvidence, type Evidence } from '../game-day/promises.ts';
import { startTraffic } from '../game-day/traffic.ts';

let resources: Resources;
let deployed: Deployed;
let world: Deployment | undefined;
beforeAll(async () => {
  ({ resources } = compileTemplate({ alarmTopicArn: TOPIC_ARN }));
  deployed = await asDeployed(resources);
}, 60_000);
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function beginDay(): Promise<Day> {
  world = await openDeployment(deployed, { releaseEveryMs: 15 * MINUTE_MS });
  return { world, operator: createOperator(world, deployed), traffic: startTraffic(world) };
}

/** One message has no key. The one that crashes its process is answered as failed, and gets its room after it was sent back. */
const FAILURES = new Map<string | undefined, string>([
  [undefined, 'unparseable'],
  ['poison', 'dead-lettered'],
]);

test('six faults set off their alarms, the commands of the guide end them, and nothing is lost or duplicated', async () => {
  const day = await beginDay();
  day.traffic.liveEvent('far-ahead', 5 * 24 * HOUR_MS);
  await day.world.run(HOUR_MS);
  await anHourWithoutSns(day);
  await aRegionOutOfQuota(day);
  await anUnreadableMessage(day);
  await aPoisonMessage(day);
  await aRemovedScheduleGroup(day);
  await aMissingPermission(await asDeployed(withoutAction(resources, 'TrackRostersRole', 'dynamodb:UpdateItem')), day);
  day.traffic.stop();
  // The last event begins, and the last completion is counted.
  await day.world.run(4 * HOUR_MS);
  const evidence = await collectEvidence(day, deployed);
  expect(evidence.keys.length).toBeGreaterThan(400);
  expect(brokenPromises(evidence, FAILURES)).toEqual([]);
}, 600_000);

describe('the controls', () => {
  test('without a fault, no alarm of the game day notifies', async () => {
    const day = await beginDay();
    for (const alarm of [
      'PublishFailuresAlarm',
      'BreakerOpenAlarm',
      'ProvisionRoomsErrorsAlarm',
      'InteractiveDeadLettersAlarm',
      'ParkedRequestsAlarm',
      'ScheduleLiveEventsErrorsAlarm',
      'OldestRosterMessageAlarm',
    ])
      await expect(untilOn(alarm, day)).rejects.toThrow(AlarmError);
  }, 120_000);

  test('without the command of the guide, the alarm does not end', async () => {
    const day = await beginDay();
    const operator = {
      ...day.operator,
      run: (command: string) =>
        /create-schedule-group/.test(command)
          ? Promise.resolve('')
          : day.operator.run(command, { 'provision-rooms': 'schedule-live-events' }),
    };
    await expect(aRemovedScheduleGroup({ ...day, operator })).rejects.toThrow(
      'ScheduleLiveEventsErrorsAlarm is not OK',
    );
  }, 120_000);

  test('an unrelated alarm during a fault is an error', async () => {
    const day = await beginDay();
    const parks = async () => {
      day.world.queue('interactive').send('not JSON');
      await untilOn('ParkedRequestsAlarm', day);
      day.world.queue('parked').remove(
        new Set(
          day.world
            .queue('parked')
            .messages()
            .map(({ id }) => id),
        ),
      );
      await untilOver('ParkedRequestsAlarm', 'when the parked queue is empty', 0, day);
    };
    await expect(runFault(['BreakerOpenAlarm'], day, parks)).rejects.toThrow('Unrelated: ParkedRequestsAlarm');
    await expect(untilOver('ParkedRequestsAlarm', 'tomorrow', 0, day)).rejects.toThrow('The guide says');
  }, 120_000);

  test('a command that is not simulated, or fails, is not ignored', async () => {
    const { operator } = await beginDay();
    await expect(operator.run('aws s3 ls')).rejects.toThrow('aws s3 ls is not simulated');
    await expect(operator.run('npx greenroom status unknown --stage prod')).rejects.toThrow('unknown');
    await expect(operator.run('npx greenroom pace --stage prod | head')).rejects.toThrow('cannot read');
    await expect(operator.run('npx greenroom pace --stage prod', { REGION: 'eu-west-1' })).rejects.toThrow('no REGION');
  });

  test('a broken promise is found', async () => {
    const day = await beginDay();
    day.traffic.liveEvent('far-ahead', 5 * 24 * HOUR_MS);
    day.traffic.importRows('import', 3, 'eu-west-1');
    await day.world.run(2 * HOUR_MS);
    day.traffic.stop();
    await day.world.run(3 * HOUR_MS);
    const evidence = await collectEvidence(day, deployed);
    expect(brokenPromises(evidence, new Map())).toEqual([]);
    const broken = BREAKS.map(([what, change]) => [
      what,
      brokenPromises({ ...evidence, ...change(evidence) }, new Map()),
    ]);
    expect(broken.filter(([, found]) => found?.length === 0).map(([what]) => what)).toEqual([]);
  }, 120_000);
});

/** Changes of the evidence, each of which breaks a promise. */
const BREAKS: [string, (evidence: Evidence) => Partial<Evidence>][] = [
  ['a completion is missing', ({ completions }) => ({ completions: completions.slice(1) })],
  [
    'a request has two completions',
    ({ completions: [first, ...others] }) => ({
      completions: first ? [{ ...first, id: 'f'.repeat(64) }, first, ...others] : [],
    }),
  ],
  [
    'a key has two rooms',
    ({ rooms: [first, ...others] }) => ({ rooms: first ? [first, { ...first, arn: 'other' }, ...others] : [] }),
  ],
  ['a room is missing', ({ rooms }) => ({ rooms: rooms.slice(1) })],
  [
    'a completion names another room',
    ({ rooms: [first, ...others] }) => ({ rooms: first ? [{ ...first, arn: 'other' }, ...others] : [] }),
  ],
  ['there is a room without a key', ({ rooms }) => ({ rooms: [...rooms, { arn: 'stray', key: undefined }] })],
  ['a message is left', ({ left }) => ({ left: new Map([...left, ['greenroom-prod-parked', 1]]) })],
  ['a roster is not complete', ({ rosters }) => ({ rosters: new Map([...rosters].slice(1)) })],
  [
    'a roster is complete twice',
    ({ rosters }) => ({ rosters: new Map([...rosters, ['another id', [...rosters.values()][0] ?? '']]) }),
  ],
  ['an event was not checked', ({ events }) => ({ events: events.map((event) => ({ ...event, isChecked: false })) })],
  ['an event lacks a reminder', ({ events }) => ({ events: events.map((event) => ({ ...event, reminders: [] })) })],
];
