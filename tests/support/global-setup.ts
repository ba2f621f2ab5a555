import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makePackage, templateFile } from '../../local/start/make-package.ts';
import { browserProgram } from '../console/browser/browser-program.ts';

const SOURCES = [
  'cli',
  'client',
  'console',
  'emulator',
  'functions',
  'lib',
  'local',
  'infrastructure',
  'scripts',
  'serverless.yml',
  'package-lock.json',
];

/**
 * Prepares a run of the tests:
 *
 * - builds the bundles and the template unless they are up to date, because tests run the deployed code
 * - creates the directory in which `packageTemplate` keeps templates, and which the global teardown removes
 * - prints one line if the tests in a browser are skipped, because this machine has none
 * - makes Node keep the compiled code of child processes. The tests start hundreds of them, and would spend most of the time on compiling
 */
export default async function setUp(): Promise<void> {
  process.env.GREENROOM_TEST_TEMPLATES = await mkdtemp(join(tmpdir(), 'greenroom-templates-'));
  process.env.NODE_COMPILE_CACHE ??= resolve('node_modules/.cache/node-compile');
  if (browserProgram === undefined)
    process.stderr.write(
      'No Chromium found: the tests in a browser are skipped. Install it, or name it in CHROMIUM.\n',
    );
  await packageOnce();
}

async function packageOnce(): Promise<void> {
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
