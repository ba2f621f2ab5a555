import { describe, expect, test } from '@jest/globals';
import { leftAtRates, topJson, topLines } from '../../../cli/print/top-lines.ts';
import { createDrainMeter, type StageLoad } from '../../../client/operate/stage-load.ts';
import { REGIONS } from '../../../lib/contract/regions.ts';
import type { PaceItem } from '../../../lib/pace/pace-item.ts';

const NOW_MS = Date.UTC(2026, 11, 18, 14, 22, 31);
const BUSY: PaceItem = { free_at: NOW_MS + 3_000, open_step: 0, deployed_ceiling: 5 };
const IDLE: PaceItem = { free_at: 0, open_step: 0 };

function loadOf(items: Partial<Record<(typeof REGIONS)[number], PaceItem>>, bulk = 4_210): StageLoad {
  return {
    atMs: NOW_MS,
    queues: [
      { queue: 'interactive', visible: 3, inFlight: 5 },
      { queue: 'bulk', visible: bulk, inFlight: 0 },
      { queue: 'redrive', visible: 0, inFlight: 0 },
      { queue: 'parked', visible: 2, inFlight: 0 },
    ],
    paces: REGIONS.map((region) => ({ region, item: items[region] ?? IDLE })),
  };
}

const BUSY_LOAD = loadOf({
  'us-east-1': BUSY,
  'eu-west-1': {
    ...BUSY,
    bulk_ceiling: 1.25,
    interactive_paused_until: NOW_MS + 86_400_000 * 3,
    bulk_paused_until: NOW_MS + 60_000,
    open_until: NOW_MS + 30_000,
  },
});

describe('the load of a stage', () => {
  test('is a table of the queues and one of the regions', () => {
    expect(topLines(BUSY_LOAD, leftAtRates(BUSY_LOAD))).toEqual([
      'queue        visible  in flight',
      'interactive        3          5',
      'bulk            4210          0',
      'redrive            0          0',
      'parked             2          0',
      '',
      'The bulk lane will be empty in about 14 min, judging by the rates of the busy regions.',
      '',
      'region          calls/s  limit  slots ahead  breaker and settings',
      'us-east-1          4.97      5           15  -',
      'us-west-2             -      -            0  -',
      'ap-south-1            -      -            0  -',
      'ap-northeast-1        -      -            0  -',
      'ap-northeast-2        -      -            0  -',
      'eu-central-1          -      -            0  -',
      'eu-west-1          4.97      5           15  open, probe at 14:23:01Z, interactive paused until 2026-12-21, bulk paused until 14:23:31Z, bulk ≤ 1.25/s',
    ]);
  });

  test('fits a terminal of 80 columns', () => {
    const lines = topLines(BUSY_LOAD, leftAtRates(BUSY_LOAD), 80);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.at(-1)).toMatch(/^eu-west-1 .*…$/);
  });

  test('as JSON contains the same facts', () => {
    const json = topJson('prod', BUSY_LOAD, leftAtRates(BUSY_LOAD));
    const { regions, ...rest } = JSON.parse(JSON.stringify(json));
    expect(regions).toHaveLength(REGIONS.length);
    expect(regions[0]).toMatchObject({ region: 'us-east-1', slotsAhead: 15, lanes: [{}, { paused: false }] });
    expect(rest).toMatchObject({
      stage: 'prod',
      time: '2026-12-18T14:22:31.000Z',
      bulkLaneEmpty: { inSeconds: 846, estimatedFrom: 'the rates of the busy regions' },
      queues: [{ queue: 'interactive', visible: 3, inFlight: 5 }, {}, {}, {}],
    });
  });
});

describe('the time that is left', () => {
  test.each([
    ['no region is busy', loadOf({ 'us-east-1': IDLE })],
    ['the breaker of the busy region is open', loadOf({ 'us-east-1': { ...BUSY, open_until: 1 } })],
    ['the lane is paused there', loadOf({ 'us-east-1': { ...BUSY, bulk_paused_until: NOW_MS + 1 } })],
  ])('is not known if %s', (_title, load) => {
    expect(leftAtRates(load)).toBeUndefined();
    expect(topLines(load, undefined)).toContain('The bulk lane is not getting shorter.');
  });

  test('depends on the ceiling of the lane', () => {
    expect(leftAtRates(loadOf({ 'us-east-1': { ...BUSY, bulk_ceiling: 2 } }, 100))).toMatchObject({ seconds: 50 });
  });

  test('is not needed for an empty lane', () => {
    expect(topLines(loadOf({}, 0), undefined)).toContain('The bulk lane is empty.');
  });
});

describe('the drain meter', () => {
  test.each([
    ['one reading says nothing', [[0, 100]], undefined],
    [
      'readings within ten seconds say nothing',
      [
        [0, 100],
        [9_999, 50],
      ],
      undefined,
    ],
    [
      'a queue that grows has no end',
      [
        [0, 100],
        [20_000, 101],
      ],
      undefined,
    ],
    [
      'a queue that shrinks ends at the measured pace',
      [
        [0, 100],
        [10_000, 80],
      ],
      40,
    ],
    [
      'only the last minute counts',
      [
        [0, 10_000],
        [60_000, 100],
        [130_000, 30],
      ],
      30,
    ],
  ] as const)('%s', (_title, readings, expected) => {
    const meter = createDrainMeter();
    expect(readings.map(([atMs, depth]) => meter.note(atMs, depth)).at(-1)).toBe(expected);
  });
});
