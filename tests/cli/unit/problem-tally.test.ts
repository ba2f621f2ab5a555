import { expect, test } from '@jest/globals';
import { collectProblems } from '../../../cli/print/problem-tally.ts';

test('of a thousand rows with the same problem, three are shown and the others are counted', () => {
  const problems = collectProblems();
  problems.add(1, [{ path: 'name', message: 'is too long' }]);
  for (let row = 2; row <= 1_000; row++)
    problems.add(row, [{ path: 'key', message: `is "${row}", which is also the key of row ${row - 1}` }]);
  expect(problems.lines()).toEqual([
    '  row 1: name: is too long',
    '  row 2: key: is "2", which is also the key of row 1',
    '  row 3: key: is "3", which is also the key of row 2',
    '  row 4: key: is "4", which is also the key of row 3',
    '  … and 996 more rows with the same problem',
  ]);
});

test('of thirty kinds of problems, twenty are shown and the others are counted', () => {
  const problems = collectProblems();
  for (const letter of 'abcdefghijklmnopqrstuvwxyzABCD') problems.add(2, [{ path: letter, message: 'is bad' }]);
  expect(problems.lines()).toHaveLength(21);
  expect(problems.lines().at(-1)).toBe('  … and 10 other problems');
});
