import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { must } from '../../support/must.ts';
import { request } from '../causes.ts';
import { asDeployed, compileTemplate, type Deployed, TOPIC_ARN } from '../compiled-template.ts';
import { type Deployment, HOUR_MS, MINUTE_MS, openDeployment } from '../deployment.ts';

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

interface Lasting {
  alarm: string;
  cause(world: Deployment): void;
  repair(world: Deployment): void;
  lastsHours: number;
  /** How soon after the repair the alarm must notify of its end. */
  overWithinHours: number;
}

/** Faults that AWS's metrics show only some of the time, or only once an hour. */
const LASTING: [string, Lasting][] = [
  [
    'a parked message, whose queue sends no metrics after six hours',
    {
      alarm: 'ParkedRequestsAlarm',
      cause: ({ queue }) => void queue('interactive').send('not JSON'),
      repair({ queue }) {
        const parked = queue('parked');
        parked.remove(new Set(parked.messages().map(({ id }) => id)));
      },
      lastsHours: 7,
      overWithinHours: 1 / 3,
    },
  ],
  [
    'a message that is not received, in an unused queue',
    {
      alarm: 'RedrivenRequestsNotTakenAlarm',
      cause({ queue, setEnabled }) {
        setEnabled('redrive', false);
        queue('redrive').send(request('redriven'));
      },
      repair: ({ setEnabled }) => setEnabled('redrive', true),
      lastsHours: 7,
      overWithinHours: 1 / 3,
    },
  ],
  [
    'a closed region with a single request that probes it',
    {
      alarm: 'BreakerOpenAlarm',
      cause({ services, queue }) {
        services.ivsChat.setQuotas({ roomsPerRegion: 0 });
        queue('interactive').send(request('interactive'));
      },
      repair: ({ services }) => services.ivsChat.setQuotas({ roomsPerRegion: 50_000 }),
      lastsHours: 6,
      overWithinHours: 4.5,
    },
  ],
  [
    'completions that SNS refuses and that are tried again once an hour',
    {
      alarm: 'PublishFailuresAlarm',
      cause({ services, queue }) {
        services.refuse(({ service }) => service === 'sns');
        queue('interactive').send(request('interactive'));
      },
      repair: ({ services }) => services.refuse(() => false),
      lastsHours: 6,
      overWithinHours: 2.5,
    },
  ],
];

test.each(LASTING.slice(0, 2))(
  'the control: if missing data counted as healthy, the alarm would end in the night: %s',
  async (_what, lasting) => {
    const alarm = must(deployed.alarms[lasting.alarm]);
    const alarms = { ...deployed.alarms, [lasting.alarm]: { ...alarm, TreatMissingData: 'notBreaching' as const } };
    world = await openDeployment({ ...deployed, alarms }, { releaseEveryMs: 15 * MINUTE_MS });
    lasting.cause(world);
    await world.run(3 * HOUR_MS);
    expect(world.alarms.states.get(lasting.alarm)).toBe('ALARM');
    await world.run(4 * HOUR_MS);
    expect(world.alarms.states.get(lasting.alarm)).toBe('OK');
  },
  120_000,
);

test('the control: an alarm on visible messages alone misses a dead letter that Lambda receives immediately', async () => {
  const name = 'InteractiveDeadLettersAlarm';
  const alarm = must(deployed.alarms[name]);
  if (!('Metrics' in alarm)) throw new Error('The alarm has an expression');
  const Metrics = alarm.Metrics.map((query) => ('Expression' in query ? { ...query, Expression: 'visible' } : query));
  for (const [alarms, notified] of [
    [deployed.alarms, true],
    [{ ...deployed.alarms, [name]: { ...alarm, Metrics } }, false],
  ] as const) {
    world = await openDeployment({ ...deployed, alarms }, { releaseEveryMs: 15 * MINUTE_MS });
    world.queue('interactive-dead-letters').send(request('dead'));
    await world.run(HOUR_MS);
    expect(world.alarms.notifications.some(({ alarm: each }) => each === name)).toBe(notified);
    await world.close();
  }
  world = undefined;
});

test.each(LASTING)(
  'an alarm notifies once, stays on, and notifies of its end: %s',
  async (_what, lasting) => {
    world = await openDeployment(deployed, { releaseEveryMs: 15 * MINUTE_MS });
    const { alarms } = world;
    const of = () => alarms.notifications.filter(({ alarm }) => alarm === lasting.alarm);
    lasting.cause(world);
    await world.run(lasting.lastsHours * HOUR_MS);
    expect(of().map(({ state }) => state)).toEqual(['ALARM']);
    expect(alarms.states.get(lasting.alarm)).toBe('ALARM');
    lasting.repair(world);
    await world.run(lasting.overWithinHours * HOUR_MS);
    expect(of().map(({ state }) => state)).toEqual(['ALARM', 'OK']);
  },
  120_000,
);
