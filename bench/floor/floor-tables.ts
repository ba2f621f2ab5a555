import { median, percentile } from '../harness/arithmetic.ts';
import type { Bound, Row, Table, Unit } from '../harness/table.ts';
import type { Loaded, Requests, WarmRun } from './measure.ts';

/** The title of the table with the ratios. */
export const RATIOS = 'provision-rooms in relation to the floor';
const KILOBYTE = 1_000;
const MEGABYTE = 1_000_000;

/** @param recorded the ratios of the last full run, for a second column */
export function ratioTable(requests: readonly Requests[], recorded?: ReadonlyMap<string, number>): Table {
  const rows = ratiosOf(requests).map(({ figure, value, bound }) => ({
    figure,
    unit: 'ratio' as const,
    values: recorded ? [value, recorded.get(figure)] : [value],
    bound,
    boundColumns: [0],
  }));
  const columns = recorded ? ['now', 'recorded'] : ['ratio of the medians'];
  return { scenario: 'floor', title: RATIOS, columns, rows };
}

function ratiosOf([floor, leanFloor, , ours]: readonly Requests[]): { figure: string; value: number; bound: Bound }[] {
  if (!floor || !leanFloor || !ours) throw new Error('A bundle was not measured');
  const ratio = (pick: (each: Requests) => number, base: Requests = floor) => pick(ours) / pick(base);
  const atMost = (most: number) => ({ bound: { atMost: most } });
  const all = [
    { figure: 'load', value: ratio(loadMs), ...atMost(1) },
    { figure: 'load, compared with the floor built with our steps', value: ratio(loadMs, leanFloor), ...atMost(1.25) },
    { figure: 'first request of a cold process', value: ratio(firstMs), ...atMost(1.1) },
    { figure: 'processor time of a room at the quota', value: ratio(({ paced }) => cpuMs(paced)), ...atMost(1.3) },
    { figure: 'processor time of a room without a quota', value: ratio(({ lifted }) => cpuMs(lifted)), ...atMost(1.3) },
  ];
  return all.filter(({ value }) => !Number.isNaN(value));
}

const loadMs = ({ loads }: Loaded) => median(loads.map(({ wallMs }) => wallMs));
const firstMs = ({ firsts }: Requests) => median(firsts.map(({ wallMs }) => wallMs));
const cpuMs = (runs: readonly WarmRun[]) => median(runs.map((run) => run.cpuMs));

export function requestTable(requests: readonly Requests[]): Table {
  const row = (figure: string, unit: Unit, pick: (each: Requests) => number): Row => ({
    figure,
    unit,
    values: requests.map(pick),
  });
  const medianOf = (pick: (run: WarmRun) => number, of: (each: Requests) => readonly WarmRun[]) => (each: Requests) =>
    median(of(each).map(pick));
  return {
    scenario: 'floor',
    title: 'Cold starts and rooms, side by side: medians',
    columns: requests.map(({ bundle }) => bundle.name),
    rows: [
      {
        ...row('bytes of the package', 'count', ({ bundle }) => bundle.bytes),
        bound: { atMost: 399_999 },
        boundColumns: [3],
      },
      row('load', 'milliseconds', loadMs),
      ...spread('load', (each) => each.loads.map(({ wallMs }) => wallMs), requests),
      row('… processor time', 'milliseconds', ({ loads }) => median(loads.map((each) => each.cpuMs))),
      row('first request of a cold process', 'milliseconds', firstMs),
      ...spread('first request', (each) => each.firsts.map(({ wallMs }) => wallMs), requests),
      row('… processor time', 'milliseconds', ({ firsts }) => median(firsts.map((each) => each.cpuMs))),
      row('processor time of a room at the quota', 'milliseconds', ({ paced }) => cpuMs(paced)),
      row('processor time of a room without a quota', 'milliseconds', ({ lifted }) => cpuMs(lifted)),
      row(
        'kilobytes allocated for a room',
        'number',
        medianOf(
          (run) => run.allocatedBytes / KILOBYTE,
          ({ lifted }) => lifted,
        ),
      ),
      row(
        'peak memory in megabytes',
        'number',
        medianOf(
          (run) => run.peakBytes / MEGABYTE,
          ({ lifted }) => lifted,
        ),
      ),
    ],
    notes: [
      'Each cold start has a process of its own, and the bundles take turns. All use the same emulators on the same machine, which answer calls at any rate. "At the quota": a batch of ten requests every two seconds. "Without a quota": one batch after the other. The floor makes the same seven AWS calls for a room, and checks nothing. It appears twice: built as a careful engineer would (bench/harness/documented-build.ts), and with the steps of the deployed functions (scripts/bundling).',
    ],
  };
}

/** The middle half of the values. */
function spread(figure: string, pick: (each: Requests) => readonly number[], requests: readonly Requests[]): Row[] {
  const quarter = (share: number) => requests.map((each) => percentile(pick(each), share));
  return [
    { figure: `… first quartile of ${figure}`, unit: 'milliseconds', values: quarter(0.25) },
    { figure: `… third quartile of ${figure}`, unit: 'milliseconds', values: quarter(0.75) },
  ];
}

/** Every deployed function beside the floors. */
export function loadTable(all: readonly Loaded[]): Table {
  const [floor, leanFloor] = all.map(loadMs);
  if (floor === undefined || leanFloor === undefined) throw new Error('The floor was not measured');
  const row = ({ bundle, ...each }: Loaded): Row => ({
    figure: bundle.name,
    unit: 'significant',
    values: [
      bundle.bytes,
      loadMs({ bundle, ...each }),
      loadMs({ bundle, ...each }) / floor,
      loadMs({ bundle, ...each }) / leanFloor,
    ],
  });
  return {
    scenario: 'floor',
    title: 'Loading every function',
    columns: ['bytes', 'load in ms', '× the floor', '× the floor built with our steps'],
    rows: all.map(row),
  };
}
