import { expect, test } from '@jest/globals';
import { createProblemNotes, groupRows } from '../../../cli/print/problem-tally.ts';
import { refusalLines } from '../../../cli/print/refusal-lines.ts';
import { capturePrinted } from '../../support/printed.ts';

test('of a thousand rows with the same kind of problem, three are shown and the others are counted', () => {
  const rows = groupRows();
  rows.add(1, 'name: is too long');
  for (let row = 2; row <= 1_000; row++)
    rows.add(row, `key: is "${row}", which is also the key of row ${row - 1}`, `key-${row}`);
  expect(rows.lines()).toEqual([
    '  row 1: name: is too long',
    '  row 2 (key-2): key: is "2", which is also the key of row 1',
    '  row 3 (key-3): key: is "3", which is also the key of row 2',
    '  row 4 (key-4): key: is "4", which is also the key of row 3',
    '  … and 996 more rows with the same problem',
  ]);
});

test('rows with the same problem take one line, with their number and their range', () => {
  const rows = groupRows();
  for (let row = 2; row <= 401; row++) rows.add(row, 'stopped: The job was stopped.', `key-${row}`);
  for (const row of [402, 410, 900]) rows.add(row, 'expired');
  expect(rows.lines()).toEqual([
    '  rows 2-401 (400 rows): stopped: The job was stopped.',
    '  rows 402-900 (3 of them): expired',
  ]);
});

test('of thirty kinds of problems, twenty are shown and the others are counted', () => {
  const rows = groupRows();
  for (const letter of 'abcdefghijklmnopqrstuvwxyzABCD') rows.add(2, `${letter}: is bad`);
  expect(rows.lines()).toHaveLength(21);
  expect(rows.lines().at(-1)).toBe('  … and 10 other problems');
});

test('the problems of a refused manifest are grouped, too, and those that are not stored are counted', () => {
  const problems = [
    { path: 'column "colour"', message: 'is not a known column' },
    ...Array.from({ length: 40 }, (_, index) => ({ path: `row ${index + 2}: name`, message: 'is too long' })),
    { path: 'row 50', message: 'is not JSON' },
  ];
  expect(refusalLines({ problems, problemsTotal: 500 })).toEqual([
    '  column "colour": is not a known column',
    '  rows 2-41 (40 rows): name: is too long',
    '  row 50: is not JSON',
    '  and 458 more',
  ]);
});

test('of many messages that fail for the same reason, three are named and the others are counted', () => {
  const printed = capturePrinted();
  const unsent = createProblemNotes('message');
  for (let line = 1; line <= 500; line++) unsent.note(`line ${line} was not sent: denied`, 'denied');
  unsent.note('line 501 was not sent: too large', 'too large');
  unsent.end();
  printed.restore();
  expect(printed.lines).toEqual([
    'line 1 was not sent: denied',
    'line 2 was not sent: denied',
    'line 3 was not sent: denied',
    'line 501 was not sent: too large',
    '  … and 497 more messages with the same problem',
  ]);
});
