import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { COMMANDS } from '../../../cli/commands.ts';
import { requireConsent } from '../../../cli/confirm.ts';
import { helpHint, isGiven, onlyWith, UsageError } from '../../../cli/usage.ts';
import { HELP_WIDTH, printNotes } from '../../../client/fit-line.ts';
import { NO_NOTE } from '../../../client/operate/parked-reason.ts';
import { REGIONS } from '../../../lib/contract/regions.ts';
import { CALLS_NOTHING, COMMAND_ARGUMENTS } from '../../support/command-arguments.ts';
import { commandPaths } from '../../support/command-paths.ts';
import { commandContext, runInProcess } from '../../support/run-in-process.ts';
import { inTerminal } from '../../support/terminal.ts';

const ID = 'abcd1111';
const running = new AbortController().signal;

/** Every command with a step that cannot be undone. */
const IRREVERSIBLE = [
  ['cancel', 'final-2026'],
  ['bulk', 'stop', '5f0c6c2a'],
  ['redrive', ID],
  ['redrive', '--all'],
  ['redrive', '--reason', 'unparseable'],
  ['parked', 'remove', ID],
  ['bulk', 'stop', ID],
  ['release', 'final-2026/main-chat'],
  ['release', '--job', ID],
  ['release', '--event', 'final-2026', '--at', '2026-12-19T00:00:00Z'],
];

describe('consent', () => {
  test.each(IRREVERSIBLE.map((args) => [args.join(' '), args] as const))(
    '%s without a terminal is a usage error unless --yes is given, and nothing is read before',
    async (_line, args) => {
      const refused = await runInProcess(args);
      expect(refused).toMatchObject({ code: 2, out: '' });
      expect(refused.err).toMatch(/^error: cannot ask for confirmation without a terminal: give --yes\n\(for help: /);
      // Control: with --yes, the command goes on, and looks for its deployment.
      expect((await runInProcess([...args, '--yes'])).err).toBe('error: The command has looked for its deployment\n');
    },
  );

  test('redrive --dry-run changes nothing, so it needs no consent', async () => {
    expect((await runInProcess(['redrive', ID, '--dry-run'])).err).toContain('looked for its deployment');
  });

  test.each([
    ['--dry-run', 'it only reads'],
    ['--keep', 'it deletes nothing'],
    ['--confirm', '3', 'the number of rooms is the consent'],
  ])('release %s needs no consent: %s', async (...args) => {
    const { err } = await runInProcess(['release', 'key', ...args.slice(0, -1)]);
    expect(err).toContain('looked for its deployment');
  });

  test('every command with the option --yes is in the list above', async () => {
    const asking: string[] = [];
    const note = (command: Command, path: string) => {
      if (command.options.some(({ long }) => long === '--yes')) asking.push(path);
      for (const each of command.commands) note(each, `${path} ${each.name()}`);
    };
    for (const { name, load } of COMMANDS) {
      const command = new Command(name);
      (await load()).defineCommand(command, commandContext());
      note(command, name);
    }
    expect(asking).toContain('cancel');
    expect(asking.filter((path) => !IRREVERSIBLE.some((args) => args.join(' ').startsWith(path)))).toEqual([]);
  });

  test.each([
    ['y\n', true],
    ['n\n', false],
  ])('at a terminal, the answer %j decides: %j', async (typed, isSure) => {
    const input = new PassThrough();
    input.end(typed);
    const said: string[] = [];
    const context = { signal: running, note: (text: string) => void said.push(text) };
    const ask = requireConsent({ yes: false }, context, { input, output: new PassThrough() });
    expect(await ask('Sure?')).toBe(isSure);
    expect(said).toEqual(isSure ? [] : ['Nothing was changed.']);
  });

  test('an interruption of the question is neither yes nor no', async () => {
    const interruption = new AbortController();
    const dialogue = { input: new PassThrough(), output: new PassThrough() };
    const answer = requireConsent(
      { yes: false },
      { signal: interruption.signal, note: () => undefined },
      dialogue,
    )('Sure?');
    interruption.abort();
    await expect(answer).rejects.toThrow('aborted');
  });
});

/** Runs one command line with a terminal of 80 columns as its standard error. */
async function runOnTerminal(args: readonly string[]): Promise<string[]> {
  const { isTTY, columns } = process.stderr;
  Object.assign(process.stderr, { isTTY: true, columns: HELP_WIDTH });
  try {
    return stripVTControlCharacters((await runInProcess(args)).err)
      .trimEnd()
      .split('\n');
  } finally {
    Object.assign(process.stderr, { isTTY, columns });
  }
}

describe('on a terminal of 80 columns, no line is too long', () => {
  test.each([
    ['an argument that is not among the choices', ['pace', 'pause', 'mars']],
    ['the value of an option', ['rebuild-ledger', '--backup-time', 'yesterday']],
  ])('in the usage error of %s', async (_what, args) => {
    const lines = await runOnTerminal(args);
    expect(lines.filter(({ length }) => length > HELP_WIDTH)).toEqual([]);
    // Control: the error needs more than one line, and all of its words are there.
    const { err } = await runInProcess(args);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.map((line) => line.trim()).join(' ')).toBe(err.trimEnd().replaceAll('\n', ' '));
  });

  test('in the problems of a file', async () => {
    const lines: string[] = [];
    const { isTTY, columns } = process.stderr;
    const { error } = console;
    Object.assign(process.stderr, { isTTY: true, columns: HELP_WIDTH });
    console.error = (line: string) => void lines.push(line);
    try {
      printNotes([`  region: must be a region that has IVS Chat: ${REGIONS.join(', ')}`]);
    } finally {
      Object.assign(process.stderr, { isTTY, columns });
      console.error = error;
    }
    expect(lines).toHaveLength(2);
    expect(lines.filter(({ length }) => length > HELP_WIDTH)).toEqual([]);
    expect(lines[1]).toMatch(/^ {4}\S/);
  });
});

test('the list of parked messages accepts every reason that it can show', async () => {
  expect((await runInProcess(['parked', '--reason', NO_NOTE])).err).toContain('looked for its deployment');
  // Control: nothing can be sent back without a note.
  expect(await runInProcess(['redrive', '--reason', NO_NOTE, '--yes'])).toMatchObject({ code: 2 });
  expect((await runInProcess(['parked', 'list', '--help'])).out).toContain(`  ${NO_NOTE} `);
});

test('the help of a command without a default for --yes names none', async () => {
  expect((await runInProcess(['cancel', '--help'])).out).not.toContain('(default: false)');
});

describe('a usage error', () => {
  test.each([
    ['redrive --yes', 'give exactly one of message ids, --reason and --all', 'greenroom redrive'],
    ['pace pause', 'Name regions (', 'greenroom pace pause'],
    ['pace resume eu-west-1 --all', 'Name regions or --all, not both', 'greenroom pace resume'],
    ['doctor --request a --manifest b', 'not with both', 'greenroom doctor'],
    ['doctor --literal', '--literal has no effect without --manifest', 'greenroom doctor'],
    ['doctor --encoding utf-8', '--encoding has no effect without --request or --manifest', 'greenroom doctor'],
    ['schedule - --json', '--json has no effect without --dry-run', 'greenroom schedule'],
    ['bulk a.csv --rate 3', '--rate has no effect without --dry-run', 'greenroom bulk upload'],
    ['send - --json', '--json has no effect without --wait', 'greenroom send'],
    ['send - --timeout 5', '--timeout has no effect without --wait', 'greenroom send'],
    ['send - --wait --json --output arn', '--json and --output arn cannot be used together', 'greenroom send'],
    ['send - --wait --output xml', "argument 'xml' is invalid", 'greenroom send'],
    ['env --shell fish --json', '--shell and --json cannot be used together', 'greenroom env'],
    ['redrive abcd1111 --dry-run --rate 3', '--rate has no effect with --dry-run', 'greenroom redrive'],
    ['status ', 'the key is empty', 'greenroom status'],
    ['status key --timeout 5', '--timeout has no effect without --wait', 'greenroom status'],
    ['status key --name --wait', '--wait waits for an idempotency key', 'greenroom status'],
    ['status key --name --parked', '--parked looks for an idempotency key', 'greenroom status'],
    ['watch job --key k', '--key and a job cannot be used together', 'greenroom watch'],
    ['watch job --count 1', '--count and a job cannot be used together', 'greenroom watch'],
    ['watch --new', '--new has no effect without --key', 'greenroom watch'],
    ['watch --count 0', 'must be a whole number of at least 1', 'greenroom watch'],
    ['watch --colour', "unknown option '--colour'", 'greenroom watch'],
    ['release --yes', 'give exactly one of keys, --job, --manifest, --event, --stop and --resume', 'greenroom release'],
    ['release key --event final', 'give exactly one of keys, --job', 'greenroom release'],
    ['release --stop --resume', 'give exactly one of keys, --job', 'greenroom release'],
    ['release --stop mars', "argument 'mars' is invalid", 'greenroom release'],
    ['release --stop --keep --dry-run', '--keep and --dry-run: no effect with --stop', 'greenroom release'],
    ['release key --at 2026-12-18T20:00', 'must be a date and time with an offset', 'greenroom release'],
    ['release key --at 2026-05-31T20:00:00Z', 'must be in the future', 'greenroom release'],
    ['release key --at 9999-12-31T23:59:59Z', 'must be before the year 10000', 'greenroom release'],
    ['release key --keep --at 2026-12-18T20:00:00Z', '--keep and --at cannot be used together', 'greenroom release'],
    ['release key --dry-run --wait', '--wait has no effect with --dry-run', 'greenroom release'],
    ['release key --timeout 5', '--timeout has no effect without --wait', 'greenroom release'],
    ['release key --literal', '--literal has no effect without --manifest', 'greenroom release'],
    ['release key --default-region eu-west-1', 'without --manifest or --job', 'greenroom release'],
    ['release --manifest - --yes', 'give --name', 'greenroom release'],
    ['release key --confirm 0', 'must be a whole number of at least 1', 'greenroom release'],
    ['release key --tenant é', 'the tenant ', 'greenroom release'],
    ['send', "missing required argument 'file'", 'greenroom send'],
    ['send - --lane fast', "option '--lane <lane>' argument 'fast' is invalid", 'greenroom send'],
    ['pace rate x --all', "command-argument value 'x' is invalid for argument 'calls'", 'greenroom pace rate'],
    ['sing', "unknown command 'sing'", 'greenroom'],
  ])('%s ends with exit code 2 and names the help of its own command', async (line, message, command) => {
    const { code, out, err } = await runInProcess(line.split(' '));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err.trim().split('\n').at(-1)).toBe(`(for help: ${command} --help)`);
  });

  test('is not raised for an option that has its default value', async () => {
    const command = new Command('c')
      .option('--timeout <s>', '', '5')
      .option('--wait')
      .action(() => undefined);
    onlyWith(command, '--timeout', '--wait');
    await command.parseAsync([], { from: 'user' });
    expect(isGiven(command, '--timeout')).toBe(false);
    await expect(command.parseAsync(['--timeout', '5'], { from: 'user' })).rejects.toThrow(UsageError);
    expect(helpHint(command)).toBe('(for help: greenroom --help)');
  });
});

test('all problems of the keys of release are listed at once', async () => {
  const arn = 'arn:aws:ivschat:eu-west-1:123456789012:room/AbCdEf123456';
  const { code, err } = await runInProcess(['release', 'good', '', '\u00a0space', arn, '--yes']);
  expect(code).toBe(2);
  expect(err).toContain('the key "" ');
  expect(err).toContain('begins with a no-break space');
  expect(err).toContain('is the ARN of a room: greenroom status ARN shows its key');
  expect(err).not.toContain('"good"');
});

test('no command at all is a usage error that shows the help', async () => {
  const { code, out, err } = await runInProcess([]);
  expect([code, out, err]).toEqual([2, '', expect.stringContaining('Usage: greenroom')]);
});

test.each([[[]], [['send']], [['watch']]])('the help of greenroom %j has examples', async (command) => {
  const { code, out } = await runInProcess([...command, '--help']);
  expect([code, out]).toEqual([0, expect.stringMatching(/^Usage: greenroom.*\nExamples:\n {2}\$ /s)]);
});

test('a failure that is no usage error ends with exit code 1', async () => {
  expect(await runInProcess(['events'])).toMatchObject({ code: 1, out: '' });
});

test('top does not draw over the lines of --verbose', async () => {
  const { code, err } = await inTerminal(80, () => runInProcess(['--verbose', 'top']));
  expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([
    2,
    expect.stringContaining('would cover the screen: add --once'),
  ]);
  // Control: without a terminal, top prints the load once, and looks for its deployment.
  expect((await runInProcess(['--verbose', 'top'])).err).toContain('The command has looked for its deployment');
});

test.each([
  ['Prod_1!', /Only a-z, 0-9 and - are allowed in the name of a stage: did you mean prod-1\?/],
  ['a'.repeat(26), /A stage has at most 25 characters, and this name has 26/],
  ['', /Only a-z, 0-9 and - are allowed/],
])(
  'a stage that cannot exist (%j) is a usage error of every command, before it looks for the stage',
  async (stage, message) => {
    const paths = (await commandPaths()).filter((path) => !CALLS_NOTHING.includes(path));
    for (const path of paths) {
      const { code, err } = await runInProcess([
        ...path.split(' '),
        ...(COMMAND_ARGUMENTS[path] ?? []),
        '--stage',
        stage,
      ]);
      expect({ path, code, err: err.replaceAll(/\s+/g, ' ') }).toEqual({
        path,
        code: 2,
        err: expect.stringMatching(message),
      });
    }
  },
);
