import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SOURCES = [
  'cli',
  'client',
  'functions',
  'lib',
  'infrastructure',
  'scripts',
  'serverless.yml',
  'package-lock.json',
];
const PRODUCT = '.serverless/cloudformation-template-update-stack.json';

/** What runs in tests is what is deployed: bundles and template are made before the first test, unless they are up to date. */
export default async function packageOnce(): Promise<void> {
  const packagedAtMs = await stat(PRODUCT).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  const changedAtMs = Math.max(...(await Promise.all(SOURCES.map(newestMs))));
  if (packagedAtMs > changedAtMs) return;
  await run(process.execPath, ['scripts/build.ts']);
  await run(join('node_modules', '.bin', 'serverless'), ['package', '--stage', 'local']);
}

async function newestMs(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const entries = await readdir(path);
  return Math.max(found.mtimeMs, ...(await Promise.all(entries.map((entry) => newestMs(join(path, entry))))));
}
