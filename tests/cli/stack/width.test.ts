import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { connectLocally } from '../../../client/deployment.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { commandPaths } from '../../support/command-paths.ts';
import { type CommandRun, runInProcess } from '../../support/run-in-process.ts';
import { inTerminal, tooWide } from '../../support/terminal.ts';
import { type CliStack, openCliStack } from './cli-stack.ts';
import { openParkedQueueUnderTest, type ParkedQueueUnderTest } from './parked-queue.ts';

const COLUMNS = 80;
const KEY = 'final-2026/matchday-programme/main-chat-of-the-north-stand';
const EVENT = 'final-2026-of-the-north-american-league';

let cli: CliStack;
let queue: ParkedQueueUnderTest;
let folder: string;
const known: Record<string, string> = {};

beforeAll(async () => {
  cli = await openCliStack();
  known.port = new URL(cli.stack.endpoint).port;
  queue = await openParkedQueueUnderTest(cli.deployment);
  folder = mkdtempSync(join(tmpdir(), 'greenroom-width-'));
  const request = (key: string, room: object) => JSON.stringify({ idempotencyKey: key, room });
  write(
    'requests.ndjson',
    request(KEY, { name: 'main-chat' }),
    request(`${KEY}/2`, { name: 'not a name' }),
    '{"room":1}',
  );
  write('rooms.csv', 'key,name', `${KEY}/3,one`, `${KEY}/4,two words`, `${KEY}/5,three`);
  const rooms = [{ key: 'main-chat-of-the-north-stand', room: {} }];
  const event = {
    liveEventId: EVENT,
    tenant: 'broadcaster-of-the-north',
    revision: 1,
    startsAt: '{{now+PT2H}}',
    rooms,
  };
  write(
    'events.ndjson',
    JSON.stringify(event),
    JSON.stringify({ ...event, liveEventId: 'late', startsAt: '{{now+PT5S}}' }),
  );
  write('past.ndjson', JSON.stringify({ ...event, startsAt: '2026-01-01T00:00:00Z', timezone: 'Nowhere' }));
});

afterAll(async () => {
  await cli.close();
  rmSync(folder, { recursive: true });
});

function write(name: string, ...lines: string[]): void {
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
}

/** Runs a command in this process, on the stack. `FILE:x` is a file of the test, `KNOWN:x` an id that an earlier command has printed. */
function greenroom(path: string, args: readonly string[]): Promise<CommandRun> {
  const given = args.map((arg) =>
    arg.replace(/^FILE:/, `${folder}/`).replace(/^KNOWN:(\w+)$/, (_, name: string) => known[name] ?? 'unknown'),
  );
  return runInProcess([...path.split(' '), ...given], {
    signal: new AbortController().signal,
    clock: systemClock,
    findDeployment: async () => connectLocally({ endpoint: cli.stack.endpoint, region: 'eu-west-1' }),
  });
}

/** What a command prints for programs is not wrapped: the lines of a shell, the rows of a report, the text of a message. */
const FOR_PROGRAMS = ['completion', 'env', 'bulk report', 'parked show', 'parked remove'];

/** How each command is run, in an order in which they find something to print. A new command needs a row. */
const COMMANDS: [string, string[][]][] = [
  ['send', [['FILE:requests.ndjson', '--wait']]],
  [
    'status',
    [
      [KEY, '--parked'],
      ['--name', 'main-chat'],
      ['KNOWN:arn', '--verify'],
      ['nobody-has-sent-a-request-with-this-long-key-yet'],
    ],
  ],
  ['watch', [['--key', KEY], ['--new']]],
  ['bulk upload', [['FILE:rooms.csv', '--dry-run'], ['FILE:rooms.csv'], ['FILE:rooms.csv', '--all-or-nothing']]],
  ['jobs', [[]]],
  ['bulk report', [['KNOWN:job'], ['KNOWN:job', '--releases'], ['KNOWN:job', '--failed'], ['abcdef00']]],
  [
    'bulk stop',
    [
      ['KNOWN:job', '--yes'],
      ['abcdef00', '--yes'],
    ],
  ],
  ['schedule', [['FILE:events.ndjson', '--dry-run'], ['FILE:events.ndjson', '--wait'], ['FILE:past.ndjson']]],
  ['events', [['--all'], [EVENT], ['nothing-has-such-a-long-name-in-this-stage-of-greenroom']]],
  [
    'cancel',
    [
      [EVENT, '--yes'],
      ['nothing-has-such-a-long-name-in-this-stage-of-greenroom', '--yes'],
    ],
  ],
  [
    'release',
    [
      [KEY, '--dry-run'],
      [KEY, 'nobody-has-sent-a-request-with-this-long-key-yet', '--yes', '--wait'],
      ['--job', 'KNOWN:job', '--at', '2099-01-01T00:00:00Z', '--confirm', '7'],
      ['--event', EVENT, '--keep'],
      ['--event', 'nothing-has-such-a-long-name-in-this-stage-of-greenroom', '--yes'],
      ['--stop'],
      ['--resume', 'eu-west-1'],
    ],
  ],
  ['parked list', [[], ['--reason', 'dead-lettered']]],
  ['parked show', [['KNOWN:parked'], ['ffffffff']]],
  [
    'parked remove',
    [
      ['KNOWN:parked', '--yes'],
      ['KNOWN:waiting', '--yes'],
    ],
  ],
  ['pace show', [[]]],
  ['pace pause', [['eu-west-1', '--for', '1h']]],
  [
    'pace rate',
    [
      ['3', 'eu-west-1', '--lane', 'bulk'],
      ['500', '--all'],
    ],
  ],
  ['top', [['--once']]],
  // The port is that of the stack, so the console cannot use it, and the command ends.
  ['console', [['--port', 'KNOWN:port']]],
  ['doctor', [['--request', 'FILE:requests.ndjson']]],
  ['pace resume', [['eu-west-1'], []]],
  [
    'redrive',
    [
      ['--all', '--dry-run'],
      ['--all', '--yes'],
      ['ffffffff', '--yes'],
    ],
  ],
  ['rebuild-ledger', [['--backup-time', '2026-01-01T00:00:00Z']]],
  ['env', [[], ['--shell', 'sh', '--json']]],
  ['dev', [['--data', 'FILE:requests.ndjson']]],
  ['completion', [['bash'], ['tcsh']]],
];

describe('a terminal of 80 columns', () => {
  test('is tested with every command and subcommand', async () => {
    expect(COMMANDS.map(([path]) => path).sort()).toEqual((await commandPaths()).sort());
  });

  test.each(COMMANDS)(
    'is wide enough for what %s prints',
    async (path, runs) => {
      if (path === 'parked list') await parkMessages();
      for (const args of runs) {
        const run = await inTerminal(COLUMNS, () => greenroom(path, args));
        remember(run);
        expect({ args, out: FOR_PROGRAMS.includes(path) ? [] : tooWide(run.out, COLUMNS) }).toEqual({ args, out: [] });
        expect({ args, err: tooWide(run.err, COLUMNS) }).toEqual({ args, err: [] });
        expect(run.out + run.err).not.toBe('');
      }
    },
    60_000,
  );

  // Control: the same outputs are wider where nothing is wrapped. So the test above would find a command that does not wrap its lines.
  test.each([
    ['send', ['FILE:requests.ndjson', '--wait']],
    ['status', [KEY]],
    ['events', ['--all']],
    ['cancel', ['nothing-has-such-a-long-name-in-this-stage-of-greenroom', '--yes']],
    ['doctor', []],
  ])(
    'control: is narrower than what %s %j prints into a pipe',
    async (path, args) => {
      const { out, err } = await greenroom(path, args);
      expect(tooWide(out + err, COLUMNS)).not.toEqual([]);
    },
    60_000,
  );
});

/** Commands that name another command, as an error or as a note. */
const HINTS: [string, string[]][] = [
  ['send', ['FILE:events.ndjson']],
  ['send', ['FILE:rooms.csv']],
  ['bulk report', ['abcdef00']],
  ['schedule', ['FILE:events.ndjson']],
  ['events', ['nothing']],
  ['cancel', ['nothing', '--yes']],
  ['parked show', ['ffffffff']],
  ['status', ['nothing']],
  ['pace pause', []],
  ['doctor', []],
];

describe('a hint names a command', () => {
  const BARE = /(?<!npx\s+)\bgreenroom (send|bulk|watch|events|jobs|parked|status|pace|redrive|schedule)\b/;

  afterEach(() => {
    delete process.env.npm_lifecycle_event;
    delete process.env.npm_lifecycle_script;
  });

  test.each(HINTS)(
    'with npx if %s %j was started with npx',
    async (path, args) => {
      Object.assign(process.env, { npm_lifecycle_event: 'npx', npm_lifecycle_script: 'greenroom' });
      if (path === 'doctor') await parkMessages();
      const { out, err } = await greenroom(path, args);
      expect(out + err).toMatch(/npx greenroom /);
      expect(out + err).not.toMatch(BARE);
      // Control: another program that npx has started does not count, so the same hint has no npx.
      Object.assign(process.env, { npm_lifecycle_script: 'jest' });
      const again = await greenroom(path, args);
      expect(again.out + again.err).toMatch(BARE);
    },
    30_000,
  );
});

async function parkMessages(): Promise<void> {
  known.parked = await queue.park('no JSON');
  known.waiting = await queue.park(JSON.stringify({ idempotencyKey: `${KEY}/7`, room: {} }), {
    reason: 'outcome-unknown',
  });
}

/** Keeps the ids that later commands need. */
function remember({ out, err }: CommandRun): void {
  known.arn ??= /arn:aws:ivschat:\S+:room\/\S+/.exec(out)?.[0] ?? '';
  known.job ??= /job\s+([0-9a-f]{64})/.exec(err)?.[1] ?? '';
  if (known.arn === '') delete known.arn;
  if (known.job === '') delete known.job;
}
