import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { installPackage } from '../../support/installed-package.ts';
import { codeBlocks } from '../../support/markdown-recipes.ts';
import { must } from '../../support/must.ts';
import { closed, watchOutput } from '../../support/run-child.ts';

const PAGE = 'docs/testing-your-application.md';

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'greenroom-application-'));
  installPackage(project);
  writeFileSync(join(project, 'package.json'), '{ "scripts": { "test": "node --test" } }');
}, 120_000);
afterAll(() => rmSync(project, { recursive: true }));

/** Runs the command of the page in a project with the test of the page. */
async function runTests(source: string) {
  const blocks = codeBlocks(PAGE).filter(({ heading }) => heading === 'Run your tests against the stack');
  const command = must(blocks.find(({ language }) => language === 'sh')).text.trim();
  expect(command).toBe('npx greenroom dev -- npm test');
  writeFileSync(join(project, 'rooms.test.mjs'), source);
  const child = spawn('bash', ['-c', command], { cwd: project, env: { ...process.env, NODE_OPTIONS: '' } });
  const run = watchOutput(child, { ended: closed(child), stdout: child.stdout, stderr: child.stderr });
  return { code: await run.ended, out: run.stdout };
}

const example = must(codeBlocks(PAGE).find(({ language }) => language === 'js')).text;

test('the example passes', async () => {
  expect(await runTests(example)).toMatchObject({ code: 0, out: expect.stringMatching(/pass 1$/m) });
}, 60_000);

test('control: if the test expects something else, it fails, and so does the command', async () => {
  const { code, out } = await runTests(example.replace("'provisioned'", "'failed'"));
  expect(code).not.toBe(0);
  expect(out).toMatch(/fail 1$/m);
}, 60_000);
