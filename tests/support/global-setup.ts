import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makePackage, templateFile } from '../../local/start/make-package.ts';

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

/** Builds the bundles and the template before the first test unless they are up to date, because tests run the deployed code. */
export default async function packageOnce(): Promise<void> {
  const root = process.cwd();
  const packagedAtMs = await stat(templateFile(root)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  const changedAtMs = Math.max(...(await Promise.all(SOURCES.map(newestMs))));
  if (packagedAtMs > changedAtMs) return;
  await makePackage(root, new AbortController().signal);
}

async function newestMs(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const entries = await readdir(path);
  return Math.max(found.mtimeMs, ...(await Promise.all(entries.map((entry) => newestMs(join(path, entry))))));
}
