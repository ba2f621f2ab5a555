import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type CallGuard, createCallGuard } from '../../../client/calls/call-guard.ts';
import { findDeployment } from '../../../client/deployment.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createLoneClock } from '../../../simulation/lone-clock.ts';
import { createVirtualClock } from '../../../simulation/virtual-clock.ts';
import {
  CALLS_NOTHING,
  COMMAND_ARGUMENTS,
  COMMAND_VARIABLES,
  COMMAND_VARIANTS,
  openCommandFiles,
} from '../../support/command-arguments.ts';
import { commandPaths } from '../../support/command-paths.ts';
import { runInProcess } from '../../support/run-in-process.ts';
import { type SilentEndpoint, startSilentEndpoint } from '../../support/silent-endpoint.ts';

let files: ReturnType<typeof openCommandFiles>;
let endpoint: SilentEndpoint;

beforeAll(() => {
  files = openCommandFiles();
});

afterAll(() => files.remove());

beforeEach(async () => {
  endpoint = await startSilentEndpoint();
  Object.assign(process.env, COMMAND_VARIABLES, { AWS_ENDPOINT_URL: endpoint.url });
});

afterEach(async () => {
  for (const variable of [...Object.keys(COMMAND_VARIABLES), 'AWS_ENDPOINT_URL']) delete process.env[variable];
  await endpoint.close();
});

/** Runs a command, and interrupts it when it waits for the endpoint. The waits of the guard's clock end at once. */
function interrupted(path: string, args: string[], guardOf: (signal: AbortSignal) => CallGuard) {
  const interruption = new AbortController();
  const { signal } = interruption;
  const context = {
    signal,
    clock: { ...systemClock, nowMs: () => Date.UTC(2026, 5, 1, 12) },
    findDeployment: (wanted: { stage: string }) => findDeployment(wanted, { calls: guardOf(signal) }),
  };
  const run = runInProcess([...files.lineOf(path, args), '--stage', 'prod'], context);
  return { run, interrupt: () => interruption.abort() };
}

function hurriedGuard(signal: AbortSignal, onSlow = (_line: string): void => undefined): CallGuard {
  const clock = createLoneClock(createVirtualClock(0), { longestMs: Number.POSITIVE_INFINITY, movesTime: false });
  return createCallGuard({ signal, clock, onSlow });
}

describe('an endpoint that never answers', () => {
  test('is tested with every command and subcommand', async () => {
    const paths = await commandPaths();
    expect([...Object.keys(COMMAND_ARGUMENTS), ...CALLS_NOTHING].sort()).toEqual(paths.sort());
  });

  test.each([...Object.entries(COMMAND_ARGUMENTS), ...COMMAND_VARIANTS])(
    'does not stop Ctrl-C from ending %s %j',
    async (path, args) => {
      const waited: string[] = [];
      const { run, interrupt } = interrupted(path, args, (signal) => hurriedGuard(signal, (line) => waited.push(line)));
      await Promise.race([endpoint.called(), run]);
      interrupt();
      const { code, err } = await run;
      // One form, whatever the command was doing, and no error: the person asked for it.
      const isSaid = (line: string) => /\bInterrupted\b/i.test(line);
      expect({ code, said: err.split('\n').filter(isSaid) }).toEqual({
        code: 130,
        said: [expect.stringMatching(/^Interrupted(: .+)?$/)],
      });
      expect(err).not.toContain('error:');
      expect(waited).toContainEqual(expect.stringMatching(/^Still waiting for \w+ \w+/));
    },
  );

  test('would stop Ctrl-C if calls were not guarded', async () => {
    const { run, interrupt } = interrupted('events', [], () => createCallGuard());
    let hasEnded = false;
    const ended = run.finally(() => {
      hasEnded = true;
    });
    await endpoint.called();
    interrupt();
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(hasEnded).toBe(false);
    await endpoint.close();
    await ended;
  });
});
