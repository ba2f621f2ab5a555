import { join } from 'node:path';
import * as z from 'zod';

/** The budget of each function's bundle, in bytes. `npm run bundles` records it. */
export const BUDGETS_PATH = join(import.meta.dirname, 'budgets.json');

// A budget is a multiple of this number, so that small changes to the code do not change the budget.
const STEP_BYTES = 2_500;
/** If a bundle is this much below its budget, the budget must be recorded again. Otherwise the bundle could grow again without a warning. */
const UNUSED_BYTES = 3 * STEP_BYTES;

/** @throws ZodError if the file is not a record of whole numbers */
export function readBudgets(text: string): Record<string, number> {
  return z.record(z.string(), z.int().positive()).parse(JSON.parse(text));
}

/** The lowest budget for a bundle of this size. */
export function budgetFor(bytes: number): number {
  return Math.ceil(bytes / STEP_BYTES) * STEP_BYTES;
}

/** One problem for each bundle that is above its budget, far below it, or missing on either side. */
export function problemsOfBudgets(sizes: Record<string, number>, budgets: Record<string, number>): string[] {
  const names = [...new Set([...Object.keys(sizes), ...Object.keys(budgets)])];
  return names.flatMap((name) => {
    const [bytes, budget] = [sizes[name], budgets[name]];
    if (bytes === undefined) return [`${name} has a budget, but is not a function: npm run bundles`];
    if (budget === undefined) return [`${name} has no budget: npm run bundles`];
    if (bytes > budget)
      return [
        `${name} is ${bytes} bytes, ${bytes - budget} more than its budget of ${budget}. To accept this: npm run bundles`,
      ];
    if (budget - bytes >= UNUSED_BYTES)
      return [`${name} is ${bytes} bytes, ${budget - bytes} less than its budget of ${budget}: npm run bundles`];
    return [];
  });
}
