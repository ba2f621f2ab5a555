import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { BUDGETS_PATH, budgetFor, problemsOfBudgets, readBudgets } from '../../../scripts/bundling/budgets.ts';

const budgets = readBudgets(readFileSync(BUDGETS_PATH, 'utf8'));

test('a bundle within its budget has no problem', () => {
  expect(problemsOfBudgets({ worker: 400_000 }, { worker: budgetFor(400_000) })).toEqual([]);
  expect(problemsOfBudgets({ worker: 397_501 }, { worker: budgetFor(397_501) })).toEqual([]);
});

test('a bundle that is one byte above its budget is a problem', () => {
  expect(problemsOfBudgets({ worker: 400_001 }, { worker: 400_000 })).toEqual([
    'worker is 400001 bytes, 1 more than its budget of 400000. To accept this: npm run bundles',
  ]);
});

test('a bundle that is far below its budget is a problem, because the gain could be lost unnoticed', () => {
  expect(problemsOfBudgets({ worker: 392_501 }, { worker: 400_000 })).toEqual([]);
  expect(problemsOfBudgets({ worker: 392_500 }, { worker: 400_000 })).toEqual([
    'worker is 392500 bytes, 7500 less than its budget of 400000: npm run bundles',
  ]);
});

test('every function needs a budget, and every budget a function', () => {
  expect(problemsOfBudgets({ added: 1 }, { removed: 1 })).toEqual([
    'added has no budget: npm run bundles',
    'removed has a budget, but is not a function: npm run bundles',
  ]);
  expect(Object.keys(budgets)).toHaveLength(7);
  expect(() => readBudgets('{"worker":"400000"}')).toThrow();
});
