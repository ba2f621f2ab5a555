/**
 * Compares the sizes of the functions' bundles with their budgets, because most of a cold start is spent on reading and compiling code.
 *
 *     node scripts/bundle-budgets.ts             records a budget for each bundle
 *     node scripts/bundle-budgets.ts --check     writes nothing; exits 1 and names each bundle that differs too much from its budget
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUDGETS_PATH, budgetFor, problemsOfBudgets, readBudgets } from './bundling/budgets.ts';
import { bundleFunction } from './bundling/bundle-function.ts';

const { values: flags } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const sizes = await measureBundles();
if (flags.check) {
  const problems = problemsOfBudgets(sizes, readBudgets(readFileSync(BUDGETS_PATH, 'utf8')));
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
} else {
  const budgets = Object.fromEntries(Object.entries(sizes).map(([name, bytes]) => [name, budgetFor(bytes)]));
  writeFileSync(BUDGETS_PATH, `${JSON.stringify(budgets, null, 2)}\n`);
  console.table(
    Object.fromEntries(Object.entries(sizes).map(([name, bytes]) => [name, { bytes, budget: budgets[name] }])),
  );
}

/** Builds every function in memory. @returns the bytes of each bundle, without its source map */
async function measureBundles(): Promise<Record<string, number>> {
  const names = (await readdir('functions')).map((file) => basename(file, '.ts')).toSorted();
  const sizes = await Promise.all(
    names.map(async (name) => {
      const outfile = join('dist', name, 'index.cjs');
      const { metafile } = await bundleFunction(join('functions', `${name}.ts`), outfile, { write: false });
      return [name, metafile.outputs[outfile]?.bytes ?? 0] as const;
    }),
  );
  return Object.fromEntries(sizes);
}
