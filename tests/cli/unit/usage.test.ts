import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { COMMANDS } from '../../../cli/commands.ts';
import { requireConsent } from '../../../cli/confirm.ts';
import { helpHint, isGiven, onlyWith, UsageError } from '../../../cli/usage.ts';
import { commandContext, runInProcess } from '../../support/run-in-process.ts';

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
    ['status key --timeout 5', '--timeout has no effect without --wait', 'greenroom status'],
    ['status key --name --wait', '--wait waits for an idempotency key', 'greenroom status'],
    ['status key --name --parked', '--parked looks for an idempotency key', 'greenroom status'],
    ['watch job --key k', '--key and a job cannot be used together', 'greenroom watch'],
    ['watch job --count 1', '--count and a job cannot be used together', 'greenroom watch'],
    ['watch --new', '--new has no effect without --key', 'greenroom watch'],
    ['watch --count 0', 'must be a whole number of at least 1', 'greenroom watch'],
    ['watch --colour', "unknown option '--colour'", 'greenroom watch'],
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
    expect(helpHint(command)).toBe('(for help: c --help)');
  });
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
