import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { installPackage } from '../../support/installed-package.ts';
import { closed, type RunningChild, startChild, watchOutput } from '../../support/run-child.ts';

/** Another project, which has installed the packed package, and nothing else. */
let project: string;
/** Ended after each test, so that a failed test does not disturb the next one. */
const running: RunningChild[] = [];
/** The directory for temporary files, which must be empty in the end. */
let temporary: string;
/** A command that does not use the package, in the project. */
const NODE = ['node', '-e'];

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'greenroom-other-project-'));
  temporary = mkdtempSync(join(tmpdir(), 'greenroom-temporary-'));
  installPackage(project);
  writeFileSync(join(project, 'test.js'), TEST);
  writeFileSync(join(project, 'everything.js'), EVERYTHING);
  writeFileSync(join(project, 'variables.js'), VARIABLES);
}, 120_000);
afterEach(async () => {
  for (const { process } of running) process.kill('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
});
afterAll(() => {
  rmSync(project, { recursive: true });
  rmSync(temporary, { recursive: true });
});

/** A test of the other project: it requests a room, and fails with the exit code 3 if there is no room. */
const TEST = `
import { createGreenroom } from 'greenroom';
await using greenroom = createGreenroom({ stage: 'local' });
const { requestedAt } = await greenroom.requestRoom({ idempotencyKey: 'other/1', room: { name: process.argv[2] } });
const outcome = await greenroom.waitFor('other/1', { timeoutSeconds: 30, requestedAt });
console.log(outcome.kind, outcome.room?.name);
process.exitCode = outcome.room?.name === process.argv[3] ? 0 : 3;
`;

/** Uses every function of greenroom: bulk jobs, live events and releases. It ends when the last room has been released. */
const EVERYTHING = `
import { createGreenroom } from 'greenroom';
await using greenroom = createGreenroom({ stage: 'local' });
await greenroom.importRooms({ name: 'rooms.csv', content: 'key,name\\nrow,stage\\n' });
console.log((await greenroom.waitFor('row', { timeoutSeconds: 60 })).kind);
await greenroom.release('row', { releaseAt: 'now' });
const startsAt = new Date(Date.now() + 20 * 60_000).toISOString();
await greenroom.schedule({ liveEventId: 'gala', revision: 1, startsAt, rooms: [{ key: 'main', room: {} }] });
console.log((await greenroom.waitFor('live/gala/main', { timeoutSeconds: 60 })).kind);
while ((await greenroom.roomFor('row')).kind !== 'released') await new Promise((resolve) => setTimeout(resolve, 200));
`;

/** Prints the variables that differ from those that `greenroom env` prints. */
const VARIABLES = `
import { execFileSync } from 'node:child_process';
const printed = JSON.parse(execFileSync('npx', ['greenroom', 'env', '--json'], { encoding: 'utf8' }));
const different = Object.entries(printed).filter(([name, value]) => process.env[name] !== value);
console.log(Object.keys(printed).length, JSON.stringify(different), process.env.AWS_PROFILE, process.env.OWN);
`;

function environment(env: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: '', AWS_REGION: '', TMPDIR: temporary, ...env };
}

/** `npx greenroom dev ARGS…` in the project. */
function npxDev(args: string[], env: Record<string, string> = {}): RunningChild {
  const child = spawn('npx', ['--offline', 'greenroom', 'dev', ...args], { cwd: project, env: environment(env) });
  const run = watchOutput(child, { ended: closed(child), stdout: child.stdout, stderr: child.stderr });
  running.push(run);
  return run;
}

/** The same without npx, so that a signal reaches the command itself. */
function dev(args: string[]): RunningChild {
  const command = join(project, 'node_modules', 'greenroom', 'dist', 'cli', 'greenroom.js');
  const run = startChild([command, 'dev', ...args], { cwd: project, env: { TMPDIR: temporary, AWS_REGION: '' } });
  running.push(run);
  return run;
}

const READY = /^The stack is ready at (http:\/\/127\.0\.0\.1:\d+) \(eu-west-1\); logs in \.greenroom\/logs$/m;

describe('npx greenroom dev -- COMMAND', () => {
  test('runs the tests of another project against the stack, and leaves only logs behind', async () => {
    const run = npxDev(['--', 'node', 'test.js', 'hall', 'hall']);
    expect([await run.ended, run.stdout]).toEqual([0, 'provisioned hall\n']);
    expect(run.stderr).toMatch(READY);
    expect(readdirSync(join(project, '.greenroom')).toSorted()).toEqual(['.gitignore', 'logs']);
    expect(readFileSync(join(project, '.greenroom', '.gitignore'), 'utf8')).toBe('*\n');
    expect(readdirSync(temporary)).toEqual([]);
  }, 60_000);

  test('ends with the exit code of the command', async () => {
    const run = npxDev(['--quiet', '--', 'node', 'test.js', 'hall', 'foyer']);
    expect([await run.ended, run.stdout, run.stderr]).toEqual([3, 'provisioned hall\n', '']);
  }, 60_000);

  test('sets the variables that greenroom env prints, and removes those that would direct the command to AWS', async () => {
    const run = npxDev(['--', 'node', 'variables.js'], { AWS_PROFILE: 'prod', OWN: 'kept' });
    await run.ended;
    expect(run.stdout).toMatch(/^1\d \[\] undefined kept\n$/);
  }, 60_000);

  test('uses the given port, and simulates faults only if asked to', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = z.object({ port: z.int() }).parse(server.address());
    server.close();
    const run = dev(['--faults', '--seed', '7', '--port', String(port), '--', ...NODE, '']);
    expect(await run.ended).toBe(0);
    expect(run.stderr).toContain(`http://127.0.0.1:${port} (eu-west-1, faults with seed 7)`);
  }, 60_000);

  test('runs bulk jobs, live events and releases', async () => {
    const run = dev(['--schedules', '1', '--', 'node', 'everything.js']);
    expect([await run.ended, run.stdout]).toEqual([0, 'provisioned\nprovisioned\n']);
  }, 120_000);

  test('continues with the data of an earlier run', async () => {
    const data = ['--data', 'data', '--'];
    expect(await dev([...data, 'node', 'test.js', 'hall', 'hall']).ended).toBe(0);
    const source = `import('greenroom').then(async ({ createGreenroom }) => {
      const { kind, room } = await createGreenroom({ stage: 'local' }).roomFor('other/1');
      console.log(kind, room.name);
      process.exit();
    })`;
    const again = dev([...data, ...NODE, source]);
    expect([await again.ended, again.stdout]).toEqual([0, 'provisioned hall\n']);
  }, 60_000);

  test.each([
    ['there is no such program', 'greenroom-test'],
    ['it is not an executable file', './test.js'],
  ])(
    'says that a command cannot be run: %s',
    async (reason, command) => {
      const run = dev(['--quiet', '--', command]);
      expect([await run.ended, run.stderr]).toEqual([1, `error: Cannot run ${command}: ${reason}\n`]);
      expect(existsSync(join(project, '.greenroom', 'stack.json'))).toBe(false);
    },
    60_000,
  );

  test.each([
    ['SIGTERM', "process.kill(process.pid, 'SIGTERM')", 143],
    ['SIGKILL', "process.kill(process.pid, 'SIGKILL')", 137],
  ])(
    'reports a command that %s has ended as a shell does',
    async (_signal, source, code) => {
      expect(await dev(['--', ...NODE, source]).ended).toBe(code);
    },
    60_000,
  );
});

describe('an interruption', () => {
  const waiting = (more: string) => [...NODE, `${more}; console.log('waiting'); setInterval(() => undefined, 1000)`];

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'by %s ends a command that did not get the signal itself',
    async (signal, code) => {
      const run = dev(['--', ...waiting("process.on('exit', () => console.log('exit'))")]);
      await run.printed(/waiting/);
      run.process.kill(signal);
      expect(await run.ended).toBe(code);
      expect(readdirSync(temporary)).toEqual([]);
    },
    60_000,
  );

  test('ends even a command that ignores all signals', async () => {
    const run = dev(['--', ...waiting("process.on('SIGTERM', () => console.log('ignored', process.pid))")]);
    await run.printed(/waiting/);
    run.process.kill('SIGINT');
    expect(await run.ended).toBe(130);
    const [, pid] = /ignored (\d+)/.exec(run.stdout) ?? [];
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
    expect(readdirSync(temporary)).toEqual([]);
  }, 60_000);
});

describe('without a command', () => {
  test('commands and programs below the directory find the stack, until Ctrl-C ends it', async () => {
    const run = dev([]);
    await run.printed(READY);
    const below = join(project, 'below');
    mkdirSync(below);
    writeFileSync(join(below, 'test.mjs'), TEST);
    const greenroom = join(project, 'node_modules', 'greenroom', 'dist', 'cli', 'greenroom.js');
    const input = '{"idempotencyKey":"other/2","room":{}}';
    const sending = startChild([greenroom, 'send', '-', '--wait'], { cwd: below, input });
    expect([await sending.ended, sending.stdout]).toEqual([0, expect.stringMatching(/ created {3}other\/2 /)]);
    const program = startChild(['test.mjs', 'hall', 'hall'], { cwd: below, env: { AWS_REGION: '' } });
    expect([await program.ended, program.stdout]).toEqual([0, 'provisioned hall\n']);

    const second = dev(['--', ...NODE, '']);
    expect([await second.ended, second.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^error: A stack is already running in this directory \(process \d+, http.*\): stop it first$/m,
      ),
    ]);
    run.process.kill('SIGINT');
    expect([await run.ended, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(/^Stopped\. No rooms or messages are kept, only the logs in \.greenroom\/logs\.$/m);
    expect(run.stdout).toMatch(
      /^To keep the rooms and messages next time: {2}greenroom dev --data \.greenroom\/data$/m,
    );
    expect(readdirSync(temporary)).toEqual([]);
    expect(existsSync(join(project, '.greenroom', 'stack.json'))).toBe(false);
  }, 60_000);
});

describe('before the stack starts', () => {
  test('all problems are reported at once', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = z.object({ port: z.int() }).parse(server.address());
    const run = dev(['--port', String(port), '--data', 'test.js', '--', ...NODE, "console.log('started')"]);
    expect([await run.ended, run.stdout]).toEqual([1, '']);
    server.close();
    expect(run.stderr.split('\n')).toEqual([
      `error: Port ${port} is in use: choose another one with --port`,
      expect.stringMatching(
        /^error: Cannot keep data in .*test\.js: it is a file\. Choose another directory with --data$/,
      ),
      '',
    ]);
  }, 60_000);

  test('a package without the functions, or without what --data needs, is a problem', async () => {
    const hidden = ['greenroom/.greenroom', 'classic-level'].map((name) => join(project, 'node_modules', name));
    for (const path of hidden) renameSync(path, `${path}-hidden`);
    const run = dev(['--data', 'other-data']);
    const code = await run.ended;
    for (const path of hidden) renameSync(`${path}-hidden`, path);
    expect([code, run.stderr.split('\n')]).toEqual([
      1,
      [
        expect.stringMatching(/^error: The functions are not packaged \(no .*\)\. In a checkout of greenroom, /),
        expect.stringMatching(/^error: --data needs the package classic-level, which npm did not install/),
        '',
      ],
    ]);
  }, 60_000);

  test.each([
    [['--port', '70000'], 'It must be a whole number from 0 to 65535.'],
    [['--port', ''], 'It must be a whole number from 0 to 65535.'],
    [['--seed', '-1'], 'It must be a whole number of at least 0.'],
    [['--schedules', '0'], 'It must be a whole number of seconds, at least 1, or "declared" or "off".'],
    [['--once'], "unknown option '--once'"],
  ])(
    '%j is a usage error',
    async (args, problem) => {
      const run = dev(args);
      expect([await run.ended, run.stdout]).toEqual([2, '']);
      expect(run.stderr).toContain(problem);
      expect(run.stderr).toContain('dev --help)');
    },
    60_000,
  );
});
