import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { liveEvent, request, rosterCheck, upload } from '../causes.ts';
import { asDeployed, compileTemplate, type Deployed, TOPIC_ARN } from '../compiled-template.ts';
import { type Deployment, HOUR_MS, MINUTE_MS, openDeployment } from '../deployment.ts';

let deployed: Deployed;
let world: Deployment;
beforeAll(async () => {
  deployed = await asDeployed(
    compileTemplate({ alarmTopicArn: TOPIC_ARN, eventBusName: 'default', releases: 'true' }).resources,
  );
}, 60_000);
afterEach(() => world.close());

const published = () => world.services.messaging.published.map(({ body }) => JSON.parse(body));
const typesOf = (events: { type: string }[]) => [...new Set(events.map(({ type }) => type))].toSorted();

test('a normal day with a few short failures sets off no alarm', async () => {
  world = await openDeployment(deployed, { releaseEveryMs: 15 * MINUTE_MS });
  const { time, queue, services } = world;
  const at = (hour: number, act: () => unknown) => time.after(hour * HOUR_MS, () => void act());
  for (let index = 0; index < 24 * 2; index++)
    at(index / 2, () => {
      queue('interactive').send(request(`interactive-${index}`));
      queue('bulk').send(request(`bulk-${index}`));
    });
  at(2, () => queue('live-events').send(liveEvent('final', 14 * HOUR_MS)));
  at(9, () => upload(world, 'rooms.csv', `key\n${Array.from({ length: 20 }, (_, row) => `row-${row}\n`).join('')}`));
  // One invocation crashes, one is throttled, one sweep fails.
  for (const [hour, name, fate] of [
    [3, 'provision-rooms', 'crashes'],
    [4, 'provision-rooms', 'is throttled'],
    [5, 'sweep-rooms', 'crashes'],
    [6, 'track-rosters', 'hangs'],
  ] as const) {
    at(hour - 0.001, () => {
      world.function(name).fate = fate;
    });
    if (name === 'track-rosters') at(hour, () => queue('rosters').send(rosterCheck));
    at(hour + 0.005, () => {
      world.function(name).fate = 'works';
    });
  }
  // SNS, DynamoDB and S3 have an outage of a minute, while requests arrive.
  for (const [hour, service] of [
    [7, 'sns'],
    [8, 'dynamodb'],
    [9, 's3'],
  ] as const) {
    at(hour - 0.001, () => services.refuse((call) => call.service === service));
    at(hour + 0.016, () => services.refuse(() => false));
  }
  // The first probe, a minute later, finds the region open again.
  at(10 - 0.001, () => services.ivsChat.setQuotas({ roomsPerRegion: 0 }));
  at(10 + 0.01, () => services.ivsChat.setQuotas({ roomsPerRegion: 50_000 }));
  await world.run(24 * HOUR_MS);
  expect(world.alarms.notifications).toEqual([]);
  expect(services.ivsChat.rooms()).toHaveLength(2 * 24 * 2 + 1 + 20);
  expect(typesOf(published())).toEqual(['greenroom.room.provisioned.v1', 'greenroom.roster.completed.v1']);
}, 120_000);

/**
 * A two-hundredth of the rows at a two-hundredth of the quota, so that the import takes as long as at full size. Queues count each message
 * 200 times.
 */
const SCALE = { rate: 1 / 200, weight: 200, releaseEveryMs: 15 * MINUTE_MS };
const ROWS = 50_000 * SCALE.rate;

describe('an import of 50,000 rows into one region sets off no alarm', () => {
  test('as a manifest', async () => {
    world = await openDeployment(deployed, SCALE);
    upload(world, 'rooms.csv', `key\n${Array.from({ length: ROWS }, (_, row) => `row-${row}\n`).join('')}`);
    await world.run(3 * HOUR_MS);
    expect(world.services.ivsChat.rooms()).toHaveLength(ROWS);
    expect(typesOf(published())).toContain('greenroom.roster.completed.v1');
    expect(world.alarms.notifications).toEqual([]);
  }, 120_000);

  test('as requests that are sent together', async () => {
    world = await openDeployment(deployed, SCALE);
    for (let row = 0; row < ROWS; row++) world.queue('bulk').send(request(`row-${row}`));
    await world.run(3 * HOUR_MS);
    expect(world.services.ivsChat.rooms()).toHaveLength(ROWS);
    expect(world.alarms.notifications).toEqual([]);
  }, 120_000);
});
