import type { Row } from '../harness/table.ts';

/** A cost does not grow if no size costs more than this many times what a smaller size costs. Fixed costs make larger sizes cheaper. */
const MOST_GROWTH = 1.2;

/** A cost for one unit of work, by size, and how much it grows. @param values undefined: the cost is not measured at this size */
export function growthRows(figure: string, values: readonly (number | undefined)[]): Row[] {
  const last = values.length - 1;
  const growth = growthOf(values.filter((value) => value !== undefined));
  return [
    { figure, unit: 'number', values },
    {
      figure: '… growth',
      unit: 'ratio',
      values: values.map((_, column) => (column === last ? growth : undefined)),
      bound: { atMost: MOST_GROWTH },
      boundColumns: [last],
    },
  ];
}

/** The largest ratio of a value to an earlier one. */
function growthOf(values: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  let growth = 0;
  for (const value of values) {
    // A cost that never occurs does not grow.
    if (least < Number.POSITIVE_INFINITY) growth = Math.max(growth, value === least ? 1 : value / least);
    least = Math.min(least, value);
  }
  return growth;
}
