/**
 * Measures the code: the length of files and functions, and constructs that the compiler cannot check. It measures the
 * current directory, which is the project's root when npm starts it.
 *
 *     npm run measure                            the working tree
 *     npm run measure -- --against v0.1.0        also the tree of an earlier commit, side by side
 *     npm run measure -- --json FILE
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureCommit, measureTree } from './measure/measure-tree.ts';
import { printSummaries } from './measure/tables.ts';

const HELP = `Usage: npm run measure -- [--against COMMIT] [--json FILE]

Prints the length of files and functions, the import cycles, and constructs that the compiler cannot check.

  --against COMMIT  also measures that commit, and prints both side by side
  --json FILE       writes all figures to FILE
  --help            prints this text`;

const { values: options } = parseArgs({
  options: { against: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean' } },
});
if (options.help) console.log(HELP);
else measure();

function measure(): void {
  const root = process.cwd();
  const columns = [
    ...(options.against === undefined ? [] : [{ name: options.against, ...measureCommit(root, options.against) }]),
    { name: 'now', ...measureTree(root) },
  ];
  printSummaries(columns);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(columns, null, 2)}\n`);
}
