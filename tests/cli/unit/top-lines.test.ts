import { describe, expect, test } from '@jest/globals';
import { topJson, topLines } from '../../../cli/print/top-lines.ts';
import { leftAtRates } from '../../../client/describe/time-left.ts';
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
    releasePaces: REGIONS.map((region) => ({ region, item: IDLE })),
    releases: { kind: 'read', regions: [] },
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
    open_reason: 'quota',
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
      'eu-west-1          4.97      5           15  open (quota), probe at 14:23:01Z, interactive paused until 2026-12-21, bulk paused until 14:23:31Z, bulk ≤ 1.25/s',
      '',
      'No room waits for its release.',
    ]);
  });

  test('fits a terminal of 80 columns', () => {
    const lines = topLines(BUSY_LOAD, leftAtRates(BUSY_LOAD), 80);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.at(-3)).toMatch(/^eu-west-1 .*…$/);
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

/** Rooms are due in two regions, wait in a third one, and releases are stopped in the second and in a fourth one. */
const RELEASING: StageLoad = {
  ...loadOf({}, 0),
  releasePaces: REGIONS.map((region) => {
    const stopped = { 'us-west-2': NOW_MS - 86_400_000, 'ap-south-1': NOW_MS - 61_000 }[String(region)];
    return { region, item: { ...BUSY, ...(stopped !== undefined && { stopped_at: stopped }) } };
  }),
  releases: {
    kind: 'read',
    regions: REGIONS.map((region) => {
      const none = { region, due: 0, waiting: 0, more: 'none', dueSinceMs: undefined } as const;
      if (region === 'us-east-1') return { ...none, due: 8_000, more: 'due', dueSinceMs: NOW_MS - 3_600_000 * 26 };
      if (region === 'us-west-2') return { ...none, due: 12, waiting: 5, dueSinceMs: NOW_MS - 60_000 };
      return region === 'eu-west-1' ? { ...none, waiting: 8_000, more: 'waiting' } : none;
    }),
  },
};

describe('the releases', () => {
  test('are a table of the regions in which rooms wait, or releases are stopped', () => {
    const lines = topLines(RELEASING, undefined);
    expect(lines.slice(lines.findIndex((line) => line.startsWith('releases')))).toEqual([
      'releases      due  later  overdue by  calls/s  limit  stopped',
      'us-east-1   8000+     0+  26 h 0 min     4.97      5  -',
      'us-west-2      12      5        60 s     4.97      5  since 2026-12-17',
      'ap-south-1      0      0           -     4.97      5  since 14:21:30Z',
      'eu-west-1       0  8000+           -     4.97      5  -',
      'The releases that are due take about 27 min.',
    ]);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  test('as JSON are those of every region', () => {
    const { releases } = JSON.parse(JSON.stringify(topJson('prod', RELEASING, undefined)));
    expect(releases).toHaveLength(REGIONS.length);
    expect(releases[0]).toMatchObject({ due: 8_000, later: 0, isIncomplete: true, overdueSeconds: 93_600, ceiling: 5 });
    expect(releases[1]).toMatchObject({ due: 12, later: 5, stopped: true, stoppedAt: '2026-12-17T14:22:31.000Z' });
    expect(releases.at(-1)).toMatchObject({ due: 0, overdueSeconds: 0, stopped: false });
  });

  test('that cannot be counted hide nothing else, neither a stop nor the reason', () => {
    const load: StageLoad = { ...RELEASING, releases: { kind: 'unread', why: 'AccessDeniedException: no Query' } };
    const lines = topLines(load, undefined);
    expect(lines).toContainEqual(expect.stringMatching(/^us-west-2 +- +- +- +4\.97 +5 {2}since 2026-12-17$/));
    expect(lines.at(-1)).toBe('Waiting releases cannot be counted: AccessDeniedException: no Query');
    const idle: StageLoad = { ...loadOf({}, 0), releases: load.releases };
    expect(topLines(idle, undefined)).not.toContain('No room waits for its release.');
    expect(JSON.parse(JSON.stringify(topJson('prod', idle, undefined)))).toMatchObject({
      releasesNotCounted: 'AccessDeniedException: no Query',
      releases: expect.arrayContaining([{ region: 'us-east-1', stopped: false }]),
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
