import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startChild } from '../../support/run-child.ts';
import { type SilentEndpoint, startSilentEndpoint } from '../../support/silent-endpoint.ts';

const PROGRAM = resolve('dist/cli/greenroom.js');

let endpoint: SilentEndpoint;

beforeEach(async () => {
  endpoint = await startSilentEndpoint();
});

afterEach(() => endpoint.close());

function greenroom(...args: string[]) {
  const env = {
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
  };
  return startChild([PROGRAM, ...args, '--stage', 'prod'], { cwd: '.', env });
}

/** How `pace pause` ends after an interruption during its change. `nextKeys` end it before the change does. */
function endedBy(code: number, interruption: string, nextKeys: string) {
  const line = `Waiting until DynamoDB UpdateItem ends. To end immediately, press ${nextKeys}`;
  return {
    code,
    stderr: `${line}\n${interruption}: it is not known whether DynamoDB UpdateItem took effect\n`,
  };
}

describe('while an endpoint does not answer', () => {
  test.each([
    ['SIGINT', 130, 'Interrupted\n'],
    ['SIGTERM', 143, 'Ended by SIGTERM\n'],
    ['SIGHUP', 129, 'The terminal is closed\n'],
  ] as const)('%s ends the process with code %d and one line', async (signal, code, line) => {
    const listing = greenroom('events');
    await endpoint.called();
    listing.process.kill(signal);
    expect(await listing.ended).toBe(code);
    expect(listing.stderr).toBe(line);
  });

  test('a change that has begun is named, and has three seconds, even if the first signal arrives twice', async () => {
    const pausing = greenroom('pace', 'pause', 'eu-west-1');
    await endpoint.called();
    // As with `npx`, which passes on what the terminal has already sent. Two equal signals could be delivered as one.
    pausing.process.kill('SIGINT');
    pausing.process.kill('SIGTERM');
    // The process may receive them in either order. The first one determines the code and both lines.
    const code = await pausing.ended;
    expect({ code, stderr: pausing.stderr }).toEqual(
      code === 143 ? endedBy(143, 'Ended by SIGTERM', 'Ctrl-C') : endedBy(130, 'Interrupted', 'Ctrl-C again'),
    );
  });

  test('a second Ctrl-C ends such a command before that', async () => {
    const pausing = greenroom('pace', 'pause', 'eu-west-1');
    let hasEnded = false;
    const ended = pausing.ended.finally(() => {
      hasEnded = true;
    });
    await endpoint.called();
    while (!hasEnded) {
      pausing.process.kill('SIGINT');
      await new Promise(setImmediate);
    }
    expect(await ended).toBe(130);
    // This line is printed at the end of the three seconds.
    expect(pausing.stderr).not.toContain('Interrupted');
  });
});

/** Runs a command line of the shell, in which `greenroom` is the program. */
function shell(commands: string): { code: number | null; stderr: string } {
  const text = `set -o pipefail; greenroom() { "${process.execPath}" "${PROGRAM}" "$@"; }; ${commands}`;
  const { status, stderr } = spawnSync('bash', ['-c', text], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { code: status, stderr };
}

const FULL = 'error: The output cannot be written: no space is left on the device (ENOSPC)\n';

describe('output that cannot be written', () => {
  test.each([
    ['a full disk', 'greenroom --help > /dev/full', 1, FULL],
    ['a full disk for both outputs', 'greenroom --help > /dev/full 2>&1', 1, ''],
    ['a reader that has ended', 'greenroom --help | true', 141, ''],
  ])('because of %s ends the command without a stack trace', (_what, commands, code, stderr) => {
    expect(shell(commands)).toEqual({ code, stderr });
  });
});

describe('a bug', () => {
  const program = (fault: string) => `
    const { reportUncaughtErrors } = await import('./cli/end-process.ts');
    reportUncaughtErrors();
    ${fault}
    setInterval(() => undefined, 1_000);`;

  test.each([
    ['an exception', "setImmediate(() => { throw new TypeError('no function') });"],
    ['a rejection', "void Promise.reject(new TypeError('no function'));"],
  ])('that %s reveals ends the process with one line, which says how to see more', async (_what, fault) => {
    const args = ['--input-type=module', '--eval', program(fault)];
    const short = startChild(args, { cwd: '.' });
    expect(await short.ended).toBe(1);
    expect(short.stderr).toBe('error: TypeError: no function (to see more, set DEBUG=greenroom)\n');
    const long = startChild(args, { cwd: '.', env: { DEBUG: 'greenroom' } });
    expect(await long.ended).toBe(1);
    expect(long.stderr).toMatch(/^error: TypeError: no function\nTypeError: no function\n {4}at /);
  });
});

test('a version of Node that is too old ends the command with one line', () => {
  // As Node 20: without the function, and with its own version.
  const older = `
    import module from 'node:module';
    delete module.enableCompileCache;
    module.syncBuiltinESMExports();
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });`;
  const args = [
    '--import',
    `data:text/javascript,${encodeURIComponent(older)}`,
    resolve('dist/cli/greenroom.js'),
    'jobs',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: `error: greenroom needs Node 22.18 or later, and this is Node 20.20.2 (${process.execPath})\n`,
  });
});
