import { expect, test } from '@jest/globals';
import { planLines } from '../../../cli/print/plan-lines.ts';

const rowsTo = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ row: index + 2, idempotencyKey: `k/${index}` }));
const plan = { toMake: {}, existing: 0, seconds: 0 };

test('a plan names the rows whose keys are used for another room', () => {
  expect(planLines(5, { ...plan, reused: 2, reusedRows: rowsTo(2) }, 5).slice(3)).toEqual([
    '  fail for 2 keys already used for another room:',
    '    row 2: k/0',
    '    row 3: k/1',
  ]);
});

test('a plan names ten of many such rows, and counts the others, including those that are not kept', () => {
  const lines = planLines(500, { ...plan, reused: 300, reusedRows: rowsTo(100) }, 5);
  expect(lines.slice(13)).toEqual(['    row 11: k/9', '    … and 290 more rows']);
});

test('a plan without such rows has no line about them', () => {
  expect(planLines(1, { ...plan, reused: 0, reusedRows: [] }, 5)).toHaveLength(3);
});
