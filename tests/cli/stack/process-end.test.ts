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

describe('while an endpoint does not answer', () => {
  test.each([
    ['SIGINT', 130, 'error: Interrupted\n'],
    ['SIGTERM', 143, 'error: Ended by SIGTERM\n'],
    ['SIGHUP', 129, 'error: The terminal is closed\n'],
  ] as const)('%s ends the process with code %d and one line', async (signal, code, line) => {
    const listing = greenroom('events');
    await endpoint.called();
    listing.process.kill(signal);
    expect(await listing.ended).toBe(code);
    expect(listing.stderr).toBe(line);
  });

  test('a change that has begun is named, and has three seconds', async () => {
    const pausing = greenroom('pace', 'pause', 'eu-west-1');
    await endpoint.called();
    pausing.process.kill('SIGINT');
    expect(await pausing.ended).toBe(130);
    expect(pausing.stderr).toBe(
      'Ending DynamoDB UpdateItem. To end at once, press Ctrl-C again\nerror: Interrupted; it is not known whether DynamoDB UpdateItem was carried out\n',
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
    expect(pausing.stderr).not.toContain('error: Interrupted');
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
