import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const manifestSchema = z.object({ bin: z.union([z.string(), z.record(z.string(), z.string())]) });

/**
 * The path of the file that implements a program of an installed package, found through the `bin` entry of its `package.json`. The files in
 * `node_modules/.bin` are meant for the shell: under pnpm, and under npm on Windows, they are shell scripts, which Node cannot run.
 *
 * @param root the directory that contains `node_modules`
 * @throws Error if the package is not installed or has no such program
 */
export function packageProgram(root: string, packageName: string, program = packageName): string {
  const directory = join(root, 'node_modules', packageName);
  const { bin } = manifestSchema.parse(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')));
  const file = typeof bin === 'string' ? bin : bin[program];
  if (file === undefined) throw new Error(`The package ${packageName} has no program ${program}`);
  return join(directory, file);
}
