import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type CallGuard, createCallGuard } from '../../../client/calls/call-guard.ts';
import { findDeployment } from '../../../client/deployment.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createLoneClock } from '../../../simulation/lone-clock.ts';
import { createVirtualClock } from '../../../simulation/virtual-clock.ts';
import { commandPaths } from '../../support/command-paths.ts';
import { runInProcess } from '../../support/run-in-process.ts';
import { type SilentEndpoint, startSilentEndpoint } from '../../support/silent-endpoint.ts';

const VARIABLES = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'any',
  AWS_SECRET_ACCESS_KEY: 'any',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};

let directory: string;
let endpoint: SilentEndpoint;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'greenroom-silent-'));
  writeFileSync(join(directory, 'request.json'), '{"idempotencyKey":"one","room":{}}');
  writeFileSync(join(directory, 'rooms.csv'), 'key\none\n');
  const event = { type: 'Live Event Scheduled', liveEventId: 'final', revision: 1, startsAt: '2026-06-02T12:00:00Z' };
  writeFileSync(join(directory, 'event.json'), JSON.stringify({ ...event, rooms: [{ key: 'main', room: {} }] }));
});

afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(async () => {
  endpoint = await startSilentEndpoint();
  Object.assign(process.env, VARIABLES, { AWS_ENDPOINT_URL: endpoint.url });
});

afterEach(async () => {
  for (const variable of [...Object.keys(VARIABLES), 'AWS_ENDPOINT_URL']) delete process.env[variable];
  await endpoint.close();
});

/** What each command needs in order to call a service. A new command needs a row. */
const ARGUMENTS: Record<string, string[]> = {
  send: ['request.json'],
  'bulk upload': ['rooms.csv'],
  'bulk report': ['5f0c6c2a'],
  'bulk stop': ['5f0c6c2a', '--yes'],
  watch: [],
  env: [],
  jobs: [],
  status: ['one'],
  schedule: ['event.json'],
  events: [],
  cancel: ['final', '--yes'],
  release: ['one', '--yes'],
  'parked list': [],
  'parked show': ['3f2a'],
  'parked remove': ['3f2a', '--yes'],
  'pace show': [],
  'pace pause': ['eu-west-1'],
  'pace resume': ['eu-west-1'],
  'pace rate': ['4', 'eu-west-1'],
  redrive: ['--all', '--yes'],
  'rebuild-ledger': ['--backup-time', '2026-06-01T09:00:00Z'],
  doctor: [],
  console: [],
  top: ['--once'],
};

const CALLS_NOTHING = 'completion';

/** Other ways to use the commands, which make other calls first. */
const VARIANTS: [string, string[]][] = [
  ['send', ['request.json', '--wait']],
  ['bulk upload', ['rooms.csv', '--dry-run']],
  ['watch', ['5f0c6c2a']],
  ['status', ['final', '--name']],
  ['schedule', ['event.json', '--dry-run']],
  ['release', ['--job', '5f0c6c2a', '--dry-run']],
  ['release', ['--event', 'final', '--keep']],
  ['release', ['--manifest', 'rooms.csv', '--yes']],
  ['release', ['--stop']],
];

/** Runs a command, and interrupts it when it waits for the endpoint. The waits of the guard's clock end at once. */
function interrupted(path: string, args: string[], guardOf: (signal: AbortSignal) => CallGuard) {
  const interruption = new AbortController();
  const { signal } = interruption;
  const files = args.map((arg) => (/\.(json|csv)$/.test(arg) ? join(directory, arg) : arg));
  const context = {
    signal,
    clock: { ...systemClock, nowMs: () => Date.UTC(2026, 5, 1, 12) },
    findDeployment: (wanted: { stage: string }) => findDeployment(wanted, { calls: guardOf(signal) }),
  };
  const run = runInProcess([...path.split(' '), ...files, '--stage', 'prod'], context);
  return { run, interrupt: () => interruption.abort() };
}

function hurriedGuard(signal: AbortSignal, onSlow = (_line: string): void => undefined): CallGuard {
  const clock = createLoneClock(createVirtualClock(0), { longestMs: Number.POSITIVE_INFINITY, movesTime: false });
  return createCallGuard({ signal, clock, onSlow });
}

describe('an endpoint that never answers', () => {
  test('is tested with every command and subcommand', async () => {
    const paths = await commandPaths();
    expect(Object.keys(ARGUMENTS).sort()).toEqual(paths.filter((path) => path !== CALLS_NOTHING).sort());
  });

  test.each([...Object.entries(ARGUMENTS), ...VARIANTS])(
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
