import { describe, expect, test } from '@jest/globals';
import { loadTable, ratioTable, requestTable } from '../../../bench/floor/floor-tables.ts';
import type { Requests } from '../../../bench/floor/measure.ts';
import { allHold } from '../../../bench/harness/table.ts';

/** A bundle whose figures are all proportional to `factor`. */
function requests(name: string, factor: number, bytes = 300_000): Requests {
  const cost = { wallMs: 10 * factor, cpuMs: 8 * factor };
  const warm = { cpuMs: 2 * factor, allocatedBytes: 50_000 * factor, peakBytes: 80_000_000 * factor };
  const bundle = { name, taskRoot: '/task', handler: 'index.handler', bytes };
  return { bundle, loads: [cost, cost, cost], firsts: [cost, cost, cost], lifted: [warm], paced: [warm] };
}

const compared = (ours: number) => [
  requests('floor', 1),
  requests('floor built with our steps', 0.8),
  requests('cookbook', 1.3),
  requests('provision-rooms', ours),
];

describe('the comparison with the floor', () => {
  test('states the ratios of the medians', () => {
    const { rows } = ratioTable(compared(1.2));
    expect(rows.map(({ values: [value] }) => Number(value).toFixed(2))).toEqual([
      '1.20',
      '1.50',
      '1.20',
      '1.20',
      '1.20',
    ]);
  });

  test('holds for a function that is as fast as the floor, and misses every bound for one that takes twice the time', () => {
    expect(allHold([ratioTable(compared(0.99)), requestTable(compared(0.99))])).toBe(true);
    const { rows } = ratioTable(compared(2));
    for (const row of rows) expect(allHold([{ ...ratioTable(compared(2)), rows: [row] }])).toBe(false);
  });

  test('misses the bound of 400 KB for a larger package', () => {
    const [floor, lean, cookbook] = compared(1);
    if (!floor || !lean || !cookbook) throw new Error('three bundles are expected');
    expect(allHold([requestTable([floor, lean, cookbook, requests('provision-rooms', 1, 400_000)])])).toBe(false);
  });

  test('shows recorded ratios beside the new ones, and a gap for one that was not recorded', () => {
    const { rows, columns } = ratioTable(compared(1), new Map([['load', 1.5]]));
    expect(columns).toEqual(['now', 'recorded']);
    expect(rows.map(({ values }) => values[1])).toEqual([1.5, undefined, undefined, undefined, undefined]);
  });

  test('leaves out what a quick run does not measure', () => {
    const quick = compared(1).map((each) => ({ ...each, paced: [] }));
    expect(ratioTable(quick).rows.map(({ figure }) => figure)).not.toContain('processor time of a room at the quota');
  });

  test('lists every function beside both floors', () => {
    const { rows } = loadTable(compared(2));
    expect(rows.at(-1)?.values).toEqual([300_000, 20, 2, 2.5]);
  });
});
