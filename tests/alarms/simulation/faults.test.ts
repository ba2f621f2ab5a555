import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { asDeployed, compileTemplate, type Deployed, TOPIC_ARN } from '../compiled-template.ts';
import { type Deployment, MINUTE_MS, openDeployment } from '../deployment.ts';
import { FAULTS, type Fault } from '../faults.ts';
import { readRunbook } from '../runbook.ts';

let deployed: Deployed;
let world: Deployment | undefined;
beforeAll(async () => {
  deployed = await asDeployed(
    compileTemplate({ alarmTopicArn: TOPIC_ARN, eventBusName: 'default', releases: 'true' }).resources,
  );
}, 60_000);
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const QUIET_BEFORE_MS = 20 * MINUTE_MS;
const GOES_ON_MS = 5 * MINUTE_MS;
/** How soon each alarm must notify according to the operations guide. */
const withinMinutes = new Map(
  readRunbook().flatMap(({ alarms, withinMinutes: minutes }) => alarms.map((alarm) => [alarm, minutes] as const)),
);
const longestMs = (alarms: string[]) => Math.max(...alarms.map((alarm) => withinMinutes.get(alarm) ?? 0)) * MINUTE_MS;

/**
 * Only the faults of releases run release-rooms at its own rate, in the quiet time too. No room is due in the others, and the queries of the
 * function, 56 a minute, took most of their processor time.
 */
function releasesDuring({ alarms }: Fault): { releaseEveryMs?: number } {
  return alarms.some((alarm) => alarm.startsWith('Release')) ? {} : { releaseEveryMs: 15 * MINUTE_MS };
}

describe('an alarm notifies of its fault within the time in the operations guide, and no other alarm notifies', () => {
  test.each(FAULTS.map((fault) => [fault.what, fault] as const))(
    '%s',
    async (_what, fault) => {
      world = await openDeployment(deployed, { weight: fault.weight, ...releasesDuring(fault) });
      await world.run(QUIET_BEFORE_MS);
      expect(world.alarms.notifications).toEqual([]);
      await fault.cause(world);
      const beganMs = world.time.nowMs();
      await world.run(longestMs(fault.alarms) + (fault.goesOnMs ?? GOES_ON_MS));
      const begun = world.alarms.notifications.filter(({ state }) => state !== 'OK');
      expect(begun.map(({ alarm }) => alarm).toSorted()).toEqual(fault.alarms.toSorted());
      const late = begun.filter(({ alarm, atMs }) => (atMs - beganMs) / MINUTE_MS > (withinMinutes.get(alarm) ?? 0));
      expect(late).toEqual([]);
    },
    120_000,
  );

  test('every alarm has its fault', () => {
    const tested = new Set(FAULTS.flatMap(({ alarms }) => alarms));
    expect([...tested].toSorted()).toEqual(Object.keys(deployed.alarms).toSorted());
  });
});
