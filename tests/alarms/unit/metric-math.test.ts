import { describe, expect, test } from '@jest/globals';
import { parseMetricMath } from '../../../simulation/cloudwatch/metric-math.ts';

type Series = (number | undefined)[];
const _ = undefined;

/** The values of an expression for each time stamp of its metrics. */
function valuesOf(expression: string, metrics: Record<string, Series>): Series {
  const compute = parseMetricMath(expression);
  const length = Math.max(...Object.values(metrics).map((series) => series.length));
  return Array.from({ length }, (__, index) =>
    compute(Object.fromEntries(Object.entries(metrics).map(([id, series]) => [id, series[index]]))),
  );
}

/** The examples of AWS: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */
describe('metric math', () => {
  test.each([
    ['metric1 < metric2', [0, 0, 1, 0]],
    ['metric1 >= 30', [1, 0, 0, 0]],
  ])('compares: %s', (expression, expected) => {
    expect(valuesOf(expression, { metric1: [30, 20, 0, 0], metric2: [20, _, 20, _] })).toEqual(expected);
  });

  test.each([
    ['IF(m1, m2, m3)', [30, 0, 20, _, _]],
    ['IF(m1, 5, m3)', [5, 5, 20, _, _]],
    ['IF(m1, m2, 5)', [30, 0, 5, 5, _]],
  ])('decides: %s', (expression, expected) => {
    const metrics = { m1: [1, 1, 0, 0, _], m2: [30, _, 0, 0, 30], m3: [0, 0, 20, _, 20] };
    expect(valuesOf(expression, metrics)).toEqual(expected);
  });

  test('fills only missing values', () => {
    expect(valuesOf('FILL(m1, 10)', { m1: [1, _, 3] })).toEqual([1, 10, 3]);
  });

  // "Missing values in a time series are treated as 0." Without any value there is no time stamp.
  test.each([
    ['m1 + m2', [3, 1, 2, _]],
    ['60 - m1 / 2', [59.5, 59.5, _, _]],
    ['m1 + m2 * 2', [5, 1, 4, _]],
    ['(m1 + m2) * 2', [6, 2, 4, _]],
  ])('computes: %s', (expression, expected) => {
    expect(valuesOf(expression, { m1: [1, 1, _, _], m2: [2, _, 2, _] })).toEqual(expected);
  });

  test.each([['ANOMALY_DETECTION_BAND(m1)'], ['m1 +'], ['m1 m2'], ['(m1'], ['FILL(m1']])('refuses %s', (expression) => {
    expect(() => parseMetricMath(expression)).toThrow();
  });
});
