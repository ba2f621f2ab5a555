import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';

const SCRIPT = `
  import { createMeter } from './lib/platform/meter.ts';
  import { createQueueMeter } from './lib/platform/queue-meter.ts';
  import { createSweepMeter } from './lib/sweeping/sweep-meter.ts';
  const meter = createMeter({ stage: 'test', callsPerSecond: 5 });
  meter.noteSlot({ region: 'eu-west-1', waitedMs: 200, rate: 4.975 });
  meter.noteSlot({ region: 'eu-west-1', waitedMs: 400, rate: 4.975 });
  meter.noteSlot({ region: 'us-east-1', waitedMs: 0, rate: 2 });
  meter.countThrottle('us-east-1');
  meter.countBreakerOpen('us-east-1');
  meter.noteBreakerAge(61_000);
  meter.countPulledBack('us-east-1');
  meter.countPublishFailure();
  meter.countFailure('refused');
  meter.noteCompletion({ lane: 'bulk', sinceArrivalMs: 1500 });
  meter.noteOldest('bulk', 9000);
  meter.publish();
  meter.publish();
  const queueMeter = createQueueMeter({ stage: 'test' });
  queueMeter.noteOldest('manifests', 4000);
  queueMeter.countPublishFailure();
  queueMeter.publish();
  const sweepMeter = createSweepMeter({ stage: 'test' });
  sweepMeter.noteSweep({ extraRooms: 2, overdueRooms: 3, survivingRooms: 0, failures: 0 });
  sweepMeter.publish();
`;

/** A line in CloudWatch's embedded metric format. It states which members are metrics, and their dimensions. */
const lineSchema = z.looseObject({
  _aws: z.looseObject({
    CloudWatchMetrics: z.tuple([
      z.object({
        Namespace: z.literal('greenroom'),
        Dimensions: z.tuple([z.array(z.string())]),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
      }),
    ]),
  }),
});

/** The metrics and their values, by dimensions. */
let measured: Record<string, Record<string, unknown>>;

beforeAll(() => {
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    encoding: 'utf8',
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      POWERTOOLS_SERVICE_NAME: 'greenroom',
      POWERTOOLS_METRICS_DISABLED: 'false',
    },
  });
  expect(child.stderr).toBe('');
  const lines = child.stdout
    .trim()
    .split('\n')
    .map((line) => lineSchema.parse(JSON.parse(line)));
  measured = {};
  for (const line of lines) {
    const [{ Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
    const dimensions = Dimensions[0].map((name) => `${name}=${line[name]}`).join(' ');
    // Several functions print metrics with the same dimensions.
    const metrics = measured[dimensions] ?? {};
    measured[dimensions] = metrics;
    for (const { Name, Unit } of Metrics) {
      const name = `${Name} (${Unit})`;
      metrics[name] = metrics[name] === undefined ? line[Name] : [metrics[name], line[Name]].flat();
    }
  }
});

describe('measurements are printed as metrics', () => {
  test('of a region: waits, the rate, and the share of the quota, which is 1/300 for each call in a minute', () => {
    expect(measured['service=greenroom stage=test region=eu-west-1']).toEqual({
      'SlotWait (Milliseconds)': [200, 400],
      'Rate (Count/Second)': [4.975, 4.975],
      'QuotaUsed (Percent)': [expect.closeTo(1 / 3), expect.closeTo(1 / 3)],
    });
  });

  test('of a region with throttles and an open breaker', () => {
    expect(measured['service=greenroom stage=test region=us-east-1']).toMatchObject({
      'Throttles (Count)': 1,
      'BreakerOpen (Count)': 1,
      'PacePulledBack (Count)': 1,
    });
  });

  test('of a reason: the failed completions', () => {
    expect(measured['service=greenroom stage=test reason=refused']).toEqual({ 'Failures (Count)': 1 });
  });

  test('of a lane: the time from request to completion, and the oldest request', () => {
    expect(measured['service=greenroom stage=test lane=bulk']).toEqual({
      'RequestToCompletion (Milliseconds)': 1500,
      'OldestRequestAge (Milliseconds)': 9000,
    });
  });

  test('of a queue without lanes: the oldest', () => {
    expect(measured['service=greenroom stage=test queue=manifests']).toEqual({
      'OldestRequestAge (Milliseconds)': 4000,
    });
  });

  test('of the whole stage: the metrics that alarms use', () => {
    expect(measured['service=greenroom stage=test']).toEqual({
      'BreakerAge (Milliseconds)': 61_000,
      'PublishFailures (Count)': [1, 1],
      'ExtraRooms (Count)': 2,
      'OverdueRooms (Count)': 3,
      'SweepFailures (Count)': 0,
    });
  });
});
