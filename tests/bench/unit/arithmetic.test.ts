import { describe, expect, test } from '@jest/globals';
import {
  median,
  mostWithin,
  msUntilRate,
  percentile,
  ratePerSecond,
  utilisation,
} from '../../../bench/harness/arithmetic.ts';
import { allHold, type Row, tableLines } from '../../../bench/harness/table.ts';

/** `count` moments, one every `ms` milliseconds. */
const every = (ms: number, count: number, fromMs = 0) =>
  Array.from({ length: count }, (_, index) => fromMs + index * ms);

describe('the figures of calls', () => {
  test.each<[string, number[], number, number | undefined, number]>([
    ['calls at exactly the quota use all of it', every(200, 301), 5, undefined, 1],
    ['calls at half of the quota use half of it', every(400, 101), 5, undefined, 0.5],
    ['the order of the calls does not matter', [400, 0, 200], 5, undefined, 1],
    ['repeated calls do not count as use', every(100, 101), 5, 51, 1],
    ['the use of one call is unknown, because it has no span', [7], 5, undefined, Number.NaN],
    ['the use of no call is unknown', [], 5, undefined, Number.NaN],
  ])('%s', (_, moments, quota, wanted, expected) => {
    expect(utilisation(moments, quota, wanted)).toBe(expected);
  });

  test.each<[string, number[], number]>([
    ['five, if they come evenly at five a second', every(200, 50), 5],
    ['six, if two of them come together', [...every(200, 50), 1_001], 6],
    ['one, if the second call comes when the second ends', [0, 1_000], 1],
    ['none, without calls', [], 0],
  ])('the most calls within any second: %s', (_, moments, expected) => {
    expect(mostWithin(moments, 1_000)).toBe(expected);
  });

  test('a rate counts calls at the beginning of its span, but not at its end', () => {
    expect(ratePerSecond(every(200, 100), 1_000, 3_000)).toBe(5);
  });

  test('the first span at a rate is found only if it ends in time', () => {
    const moments = [...every(1_000, 20), ...every(200, 100, 20_000)];
    const spans = { fromMs: 5_000, spanMs: 10_000, callsPerSecond: 4.9 };
    expect(msUntilRate(moments, { ...spans, untilMs: 40_000 })).toBe(15_000);
    expect(msUntilRate(moments, { ...spans, untilMs: 29_000 })).toBeUndefined();
  });
});

describe('percentiles and medians', () => {
  test.each<[number[], number, number]>([
    [[5, 1, 4, 2, 3], 0.5, 3],
    [every(1, 100, 1), 0.95, 95],
    [every(1, 100, 1), 0.99, 99],
    [every(1, 100, 1), 1, 100],
    [[7], 0.5, 7],
    [[], 0.5, Number.NaN],
  ])('of %j at %d', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });

  test.each<[number[], number]>([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[], Number.NaN],
  ])('the median of %j', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe('bounds', () => {
  const tableOf = (row: Partial<Row>) => ({
    scenario: 'some',
    title: 'Some',
    columns: ['ours', 'control'],
    rows: [{ figure: 'figure', unit: 'share' as const, values: [0.98, 0.2], ...row }],
  });

  test.each<[string, Partial<Row>, boolean]>([
    ['hold if there are none', {}, true],
    ['hold if a value meets them exactly', { bound: { atLeast: 0.98 }, boundColumns: [0] }, true],
    ['hold if only the column of a control misses them', { bound: { atLeast: 0.5 }, boundColumns: [0] }, true],
    ['do not hold if one column misses them', { bound: { atLeast: 0.5 } }, false],
    ['exceeded', { bound: { atMost: 0.5 } }, false],
    ['do not hold if a value is missing', { values: [undefined], bound: { atMost: 1 } }, false],
    ['do not hold if a value could not be measured', { values: [Number.NaN], bound: { atMost: 1 } }, false],
  ])('%s', (_, row, expected) => {
    expect(allHold([tableOf(row)])).toBe(expected);
  });

  test('are printed beside the figures', () => {
    expect(tableLines(tableOf({ bound: { atLeast: 0.5 } }))).toEqual([
      '**Some**',
      '',
      '|        |  ours | control |          bound |',
      '|--------|------:|--------:|---------------:|',
      '| figure | 98.0% |   20.0% | ≥ 50.0% MISSED |',
    ]);
  });
});
