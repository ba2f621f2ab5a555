import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { codeBlocks } from '../../support/markdown-recipes.ts';
import { must } from '../../support/must.ts';
import { type RunningChild, startChild } from '../../support/run-child.ts';
import { tooWide } from '../../support/terminal.ts';

const START = resolve('local/start.ts');
const PROGRAMME_LINES = Array.from({ length: 60 }, (_, index) => index + 1);

const directories: string[] = [];

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-start-'));
  directories.push(directory);
  return directory;
}

/** `npm start` in its own directory, with the package that the tests have built. */
function start(
  args: string[],
  cwd = emptyDirectory(),
  env: Record<string, string> = {},
): RunningChild & { cwd: string; stackFile: string } {
  const child = startChild([START, '--no-build', ...args], { cwd, env });
  return Object.assign(child, { cwd, stackFile: join(cwd, '.greenroom/stack.json') });
}

/** The line numbers in the table of outcomes, in its order. */
function tableLines(output: string): number[] {
  const [, table = ''] = output.split(/^line +key .*\n/m);
  return [...table.matchAll(/^(\d+) .* (?:created|adopted|replay of line \d+|failed: [a-z-]+)$/gm)].map(([, line]) =>
    Number(line),
  );
}

function childrenOf(pid: number): number[] {
  return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number);
}

test('--once gets the expected outcome for all 60 requests of the programme, even with policies, and exits with 0', async () => {
  const run = start(['--once', '--calm', '--seed', '1', '--enforce-policies']);
  expect({ exitCode: await run.ended, stderr: run.stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(tableLines(run.stdout)).toEqual(PROGRAMME_LINES);
  expect(run.stdout).toMatch(/^18 .*matchday\/final-2026\/main .* replay of line 1$/m);
  expect(run.stdout).toMatch(/^Rooms in IVS Chat: 54 \(.*eu-west-1 42/m);
  expect(run.stdout).toMatch(/^Duplicate rooms for a key: 0$/m);
  expect(run.stdout).toContain('Every request has its expected outcome.');
  expect(existsSync(run.stackFile)).toBe(false);
}, 60_000);

test('every line fits in a terminal of 80 columns', async () => {
  const terminal = pathToFileURL(resolve('tests/support/narrow-terminal.js')).href;
  const cwd = emptyDirectory();
  const run = startChild(['--import', terminal, START, '--no-build', '--calm'], { cwd });
  await run.printed(/from now on:/);
  run.process.kill('SIGINT');
  expect(await run.ended).toBe(0);
  expect(tooWide(run.stdout + run.stderr, 80)).toEqual([]);
  expect(run.stdout).toContain('key-reused-with-different-payload');
  // Control: without a terminal, the lines are longer.
  const piped = start(['--calm', '--once', '--file', resolve('events/samples/bare.json')]);
  expect(await piped.ended).toBe(0);
  expect(tooWide(piped.stdout, 80)).toContainEqual(expect.stringMatching(/^Declared but not emulated: /));
}, 60_000);

test('the recipe "Kill the service and start it again": the run finishes, and no key has two rooms', async () => {
  const blocks = codeBlocks('docs/recipes.md').filter(
    ({ heading }) => heading === 'Kill the service and start it again',
  );
  const [first, kill, again, shown] = blocks.map(({ text }) => text.trim());
  const [, args = ''] = /^npm start -- (.*)$/.exec(first ?? '') ?? [];
  const [cwd, temporary] = [emptyDirectory(), emptyDirectory()];
  const killed = start([...args.split(' '), '--calm'], cwd, { TMPDIR: temporary });
  await killed.printed(/ rooms [1-9]/);
  execFileSync('bash', ['-c', must(kill)], { cwd });
  expect(await killed.ended).toBe('SIGKILL');
  expect(readdirSync(temporary)).not.toEqual([]);

  expect(again).toBe(first);
  const resumed = start([...args.split(' '), '--calm', '--once'], cwd, { TMPDIR: temporary });
  expect({ exitCode: await resumed.ended, stderr: resumed.stderr }).toEqual({ exitCode: 0, stderr: '' });
  for (const line of must(shown).split('\n')) {
    const pattern = line.replaceAll('.', '\\.').replace(/\b\d+ of/, '[1-9]\\d* of');
    if (line !== '…') expect(resumed.stdout).toMatch(new RegExp(`^${pattern}$`, 'm'));
  }
  expect(readdirSync(temporary)).toEqual([]);
  expect(tableLines(resumed.stdout)).toEqual(PROGRAMME_LINES);
  expect(resumed.stdout).toMatch(/^Rooms in IVS Chat: 54 /m);
  expect(resumed.stdout).toMatch(/^Stopped\. All data is kept in \.greenroom\/data\.$/m);

  const finished = start([...args.split(' '), '--calm', '--once'], cwd);
  expect(await finished.ended).toBe(0);
  expect(finished.stdout).toMatch(/^Calls: 0 CreateRoom/m);
  expect(tableLines(finished.stdout)).toEqual(PROGRAMME_LINES);
}, 180_000);

describe('without --once', () => {
  test('the stack runs until the terminal is closed, shows everything that is published, and leaves nothing behind', async () => {
    const cwd = emptyDirectory();
    writeFileSync(join(cwd, 'own.json'), '[{"idempotencyKey":"own","room":{}}]');
    const temporary = emptyDirectory();
    const run = start(['--calm', '--isolate', 'process', '--file', 'own.json'], cwd, { TMPDIR: temporary });
    await run.printed(/Every request has its outcome\./);
    const greenroom = resolve('dist/cli/greenroom.js');
    const sending = startChild([greenroom, 'send', '-', '--wait'], {
      cwd,
      input: '{"idempotencyKey":"other","room":{}}',
    });
    expect(await sending.ended).toBe(0);
    await run.printed(/created {3}other {2}eu-west-1/);
    // 200 rooms need 40 seconds.
    const rooms = Array.from({ length: 200 }, (_, index) => ({ key: `room-${index}`, room: {} }));
    const show = { liveEventId: 'show', revision: 1, startsAt: '{{now+PT20S}}', leadTime: 'PT1M', rooms };
    const schedule = (event: object) =>
      startChild([greenroom, 'schedule', '-', '--wait'], { cwd, input: JSON.stringify(event) });
    expect(await schedule(show).ended).toBe(0);
    await run.printed(
      /live-event at-risk {2}live\/show\/1 {2}0 of 200 rooms; expected after the start \(\S+Z\): room-0, /,
    );
    const refused = schedule({ ...show, startsAt: '{{now+PT1H}}' });
    expect([await refused.ended, refused.stdout]).toEqual([1, expect.stringMatching(/^refused {4}show {2}revision 1/)]);
    await run.printed(/live-event failed {2}live\/show\/1 {2}1 problem: revision: was already used/);
    await run.printed(/created {3}live\/show\/room-/);

    const children = childrenOf(run.process.pid ?? 0);
    expect(children.length).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(run.stackFile, 'utf8'))).toMatchObject({ pid: run.process.pid });
    expect(readdirSync(temporary)).not.toEqual([]);
    // The terminal is closed.
    run.process.kill('SIGHUP');
    expect(await run.ended).toBe(0);
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/^Stopped\. No rooms or messages are kept, only the logs in \.greenroom\/logs\.$/m);
    expect(readdirSync(temporary)).toEqual([]);
    expect(existsSync(run.stackFile)).toBe(false);
    for (const pid of children) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  }, 90_000);

  test('a second stack in the same directory is refused', async () => {
    const first = start(['--calm', '--file', resolve('events/samples/bare.json')]);
    await first.printed(/The stack is at/);
    const second = start([], first.cwd);
    expect(await second.ended).toBe(1);
    expect(second.stderr).toMatch(/^error: A stack is already running in this directory/);
    expect(existsSync(first.stackFile)).toBe(true);
    first.process.kill('SIGINT');
    expect(await first.ended).toBe(0);
    expect(first.stdout).toMatch(/^Stopped\. No rooms or messages are kept/m);
  });
});

test('every problem of the start is one line that names the remedy, before anything is built', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.int() }).parse(server.address());
  const cwd = emptyDirectory();
  writeFileSync(join(cwd, 'data'), '');
  const build = startChild([START, '--file', 'none.ndjson', '--port', String(port), '--data', 'data'], { cwd });
  expect(await build.ended).toBe(1);
  server.close();
  expect(build.stdout).toBe('');
  expect(build.stderr.split('\n')).toEqual([
    `error: Port ${port} is in use: choose another one with --port`,
    `error: Cannot keep data in ${join(cwd, 'data')}: it is a file. Choose another directory with --data`,
    expect.stringMatching(/^error: Cannot read .*none\.ndjson: .*no such file.* Choose another file with --file$/),
    '',
  ]);
});

test('options that npm did not pass on are a usage error that names the right command', async () => {
  const env = { npm_lifecycle_event: 'start', npm_config_once: 'true' };
  const run = startChild([START, '--calm'], { cwd: emptyDirectory(), env });
  expect(await run.ended).toBe(2);
  expect(run.stderr).toMatch(
    /^npm does not pass on --once without "--"\. Use:\n {2}npm start -- --once --calm\n\(for help/,
  );
});
