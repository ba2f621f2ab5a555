import { sum } from '../harness/arithmetic.ts';
import type { Scenario } from '../harness/scenario.ts';
import type { Row, Table } from '../harness/table.ts';
import { PRICES_SEEN } from '../prices.ts';
import { CALLS_PER_SECOND } from '../simulation/assumptions.ts';
import { calmTables } from './calm-tables.ts';
import { RELEASER, RETENTION_DAYS } from './deployment.ts';
import { EVENTS_A_DAY } from './programme.ts';
import { type Day, type SeasonResult, type SeasonTask, seasonResultSchema } from './run-season.ts';
import { simulate } from './task.ts';
import { billOf } from './usage.ts';
import { wrongJobTable } from './wrong-job-table.ts';

const DAYS = 60;
const IMPORT_ROOMS = 2_000;
const ROOM_QUOTA = 3_000;
const SEED = 1;
const MINUTES_PER_DAY = 1_440;

export const season: Scenario = {
  name: 'season',
  about: '60 days of live events and imports with a room quota of 3,000, with and without release',
  async run(context) {
    const importRooms = context.rooms ?? IMPORT_ROOMS;
    const task = { kind: 'season', importRooms, roomQuota: ROOM_QUOTA, seed: SEED } as const;
    const without = await simulate(context, { ...task, days: DAYS, releases: false }, seasonResultSchema);
    const released = await simulate(context, { ...task, days: DAYS, releases: true }, seasonResultSchema);
    const calm = await calmTables(context);
    return [
      seasonTable(task, without, released),
      daysTable(released),
      costTable(released),
      ...calm,
      await wrongJobTable(context),
    ];
  },
};

const total = (days: readonly Day[], pick: (day: Day) => number) => sum(days.map(pick));
const most = (days: readonly Day[], pick: (day: Day) => number) => Math.max(...days.map(pick));

/** The first day on which IVS Chat refused to create a room because of the quota, counted from 1. */
function dayOfStop({ days }: SeasonResult): number | undefined {
  const index = days.findIndex(({ overQuota }) => overQuota > 0);
  return index < 0 ? undefined : index + 1;
}

export function seasonTable(
  { importRooms, roomQuota }: Pick<SeasonTask, 'importRooms' | 'roomQuota'>,
  without: SeasonResult,
  released: SeasonResult,
): Table {
  const both = (figure: string, pick: (result: SeasonResult) => number | undefined, more: Partial<Row> = {}): Row => ({
    figure,
    unit: 'count',
    values: [pick(without), pick(released)],
    boundColumns: [1],
    ...more,
  });
  const withRelease = (figure: string, value: number, more: Partial<Row>): Row => ({
    figure,
    unit: 'seconds',
    values: [undefined, value],
    boundColumns: [1],
    ...more,
  });
  const { leastAfterMs, mostAfterMs, importMinutes: minutes } = released;
  const rate = (calls: number, of: number) => calls / (of * 60 * CALLS_PER_SECOND);
  return {
    scenario: 'season',
    title: `${EVENTS_A_DAY} live events with 1 to 30 rooms and an import of ${importRooms.toLocaleString('en')} rooms a day, in one region with a quota of ${roomQuota.toLocaleString('en')} rooms`,
    columns: ['without release', 'with release'],
    rows: [
      both('days', ({ days }) => days.length),
      both('the day on which creation stops', dayOfStop),
      both('rooms requested', ({ days }) => total(days, ({ requested }) => requested)),
      both('rooms created', ({ days }) => total(days, ({ created }) => created)),
      both('… on the last day', ({ days }) => days.at(-1)?.created),
      both('rooms released', ({ days }) => total(days, (day) => day.released)),
      both('largest number of rooms at one time', ({ days }) => most(days, ({ mostRooms }) => mostRooms)),
      both('calls that the room quota refuses', ({ days }) => total(days, ({ overQuota }) => overQuota), {
        bound: { atMost: 0 },
      }),
      both('calls that are throttled', ({ throttled }) => throttled, { bound: { atMost: 0 } }),
      withRelease('time that a room outlives its release time: minimum', secondsOf(leastAfterMs), {
        bound: { atLeast: 0 },
      }),
      withRelease('… maximum', secondsOf(mostAfterMs), { bound: { atMost: 600 } }),
      withRelease('rooms overdue by ten minutes at the end', released.overdue, { unit: 'count', bound: { atMost: 0 } }),
      withRelease(
        `share of the CreateRoom quota used, in ${minutes.withReleases} minutes of imports with releases`,
        rate(minutes.callsWith, minutes.withReleases),
        { unit: 'share', bound: { atLeast: 0.98 } },
      ),
      withRelease(`… in ${minutes.without} minutes without releases`, rate(minutes.callsWithout, minutes.without), {
        unit: 'share',
      }),
      withRelease(
        'ledger: highest number of items from day 31 on ÷ number at the end of day 31',
        growthOfLedger(released),
        {
          unit: 'ratio',
          bound: { atMost: 1.03 },
        },
      ),
      withRelease(
        'due index: highest number of entries in the last ten days ÷ highest number in the first ten',
        growthOfIndex(released),
        {
          unit: 'ratio',
          bound: { atMost: 1.1 },
        },
      ),
      withRelease('warnings and errors in the logs', sum(Object.values(released.problems)), {
        unit: 'count',
        bound: { atMost: 0 },
      }),
    ],
    notes: [
      'The real functions `provision-rooms` and `release-rooms` run on services in memory, with a virtual clock, in one process. The requests of the live events and of the imports are sent directly, as their functions would send them. The simulation leaves out the turns of live events, the manifests and the rosters. Eight of the events end while the import creates rooms. The due index shows changes up to a second late, and one change in a hundred up to half a minute late. No faults are injected.',
      'Without release, the run ends at the next full hour after the quota was reached, because no further room can be created.',
    ],
  };
}

const secondsOf = (ms: number | null) => (ms ?? Number.NaN) / 1_000;

/** The highest number of items from the first day after the retention period on, divided by the number at the end of that day. */
function growthOfLedger({ days }: SeasonResult): number {
  const flat = days.slice(RETENTION_DAYS);
  return most(flat, ({ items }) => items) / (flat[0]?.items ?? Number.NaN);
}

/** The highest number of entries in the last ten days, divided by the highest number in the first ten. */
function growthOfIndex({ days }: SeasonResult): number {
  return (
    most(days.slice(-10), ({ mostEntries }) => mostEntries) / most(days.slice(0, 10), ({ mostEntries }) => mostEntries)
  );
}

export function daysTable({ days }: SeasonResult): Table {
  return {
    scenario: 'season',
    title: 'The season with release, day by day',
    columns: ['created', 'released', 'most rooms', 'ledger items', 'index entries', 'most index entries'],
    rows: days.map((day, index) => ({
      figure: `day ${index + 1}`,
      unit: 'count',
      values: [day.created, day.released, day.mostRooms, day.items, day.entries, day.mostEntries],
    })),
    notes: [
      `Items and entries are counted at midnight. "Most index entries" is the highest count at a full hour. Keys are kept for ${RETENTION_DAYS} days. The time to live removes expired items once a day.`,
    ],
  };
}

/** The costs of the season's releases, for a million rooms. */
export function costTable({ releasing, days, skippedInvocations }: SeasonResult): Table {
  const rooms = total(days, ({ released }) => released);
  const perMillion = 1_000_000 / rooms;
  const bill = billOf(releasing, RELEASER.memoryMb);
  const per = (figure: string, value: number): Row => ({ figure, unit: 'number', values: [value / rooms, undefined] });
  const row = (figure: string, count: number, dollars: number): Row => ({
    figure,
    unit: 'number',
    values: [count / rooms, dollars * perMillion],
  });
  const { writes, calls } = releasing;
  return {
    scenario: 'season',
    title: 'What the releases of a million rooms cost',
    columns: ['for each room', 'dollars for a million rooms'],
    rows: [
      row('write units of the tables', releasing.writeUnits, bill.writes),
      per('… writes to the ledger', writes.ledger),
      per('… writes that reserve slots, or note the freed quota', writes.pace),
      per('… writes whose condition did not hold', writes.refused),
      row('writes to the due index', releasing.indexWrites, bill.indexWrites),
      row('read units', releasing.readUnits, bill.reads),
      row('events published', calls.Publish ?? 0, bill.publishes),
      row('seconds of Lambda', releasing.billedMs / 1_000, bill.lambda),
      { figure: 'total', unit: 'number', values: [undefined, bill.total * perMillion] },
    ],
    notes: [
      `List prices of us-east-1 (bench/prices.ts, read on ${PRICES_SEEN}), ${RELEASER.memoryMb} MB of memory. Logs, metrics, storage and processor time are left out. The same applies to the storing of the release times, which takes a write to the ledger and one to the index when a room is created.`,
      `${Math.round(skippedInvocations / days.length).toLocaleString('en')} of the ${MINUTES_PER_DAY.toLocaleString('en')} invocations a day find nothing. They are not simulated, and are part of the costs of an idle stage. In this season, each invocation releases rooms in only one region. If several regions release rooms at the same time, they share the seconds of Lambda.`,
    ],
  };
}
