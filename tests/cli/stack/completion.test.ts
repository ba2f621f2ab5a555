import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bashScript } from '../../../cli/completion/bash-script.ts';
import { type CompletableCommand, completableCommands } from '../../../cli/completion/completion-tree.ts';
import { fishScript } from '../../../cli/completion/fish-script.ts';
import { zshScript } from '../../../cli/completion/zsh-script.ts';
import { createProgram } from '../../../cli/run-cli.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { contextWithoutDeployment, runInProcess } from '../../support/run-in-process.ts';

const isInstalled = (shell: string) => spawnSync(shell, ['-c', 'exit']).status === 0;

let commands: CompletableCommand[];
let directory: string;
beforeAll(async () => {
  commands = completableCommands(await createProgram(contextWithoutDeployment()).loadProgram());
  directory = mkdtempSync(join(tmpdir(), 'greenroom-completion-'));
  writeFileSync(join(directory, 'rooms.csv'), '');
  writeFileSync(join(directory, 'script'), bashScript(commands));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What bash offers for the words of a command line; the last one is incomplete. `files`: whether bash may add the names of files. */
function offeredBy(...words: string[]): { offers: string[]; files: boolean } {
  const script = `
    source ./script
    files=1
    compopt() { files=0; }
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _greenroom
    printf '%s\\n' "$files" "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', 'greenroom', ...words], { cwd: directory });
  expect(String(stderr)).toBe('');
  const [files, ...offers] = String(stdout).trimEnd().split('\n');
  return { offers: offers.filter((word) => word !== ''), files: files === '1' };
}

describe('bash', () => {
  test.each([
    ['the commands', [''], expect.arrayContaining(['send', 'bulk', 'parked', 'pace', 'top', 'completion'])],
    ['the commands that begin like the word', ['re'], ['release', 'redrive', 'rebuild-ledger']],
    ['the subcommands', ['pace', ''], ['show', 'pause', 'resume', 'rate']],
    ['a command after a general option', ['--quiet', 'do'], ['doctor']],
    ['the options of a command', ['send', '--u'], ['--unchecked']],
    ['the options of a subcommand', ['parked', 'show', '--r'], ['--region', '--raw']],
    ['the options of a default subcommand', ['parked', '--rea'], ['--reason']],
    ['general options, after a command', ['send', '--qu'], ['--quiet']],
    ['the choices of an option', ['send', '--lane', 'b'], ['bulk']],
    ['the choices of an option after =', ['send', '--lane', '=', 'b'], ['bulk']],
    ['all choices of an option after =', ['send', '--lane', '='], ['interactive', 'bulk']],
    ['the choices of an argument', ['pace', 'pause', 'eu-'], ['eu-central-1', 'eu-west-1']],
    ['nothing for a value that only the user knows', ['send', '--stage', ''], []],
  ])('offers %s', (_title, words, offers) => {
    expect(offeredBy(...words)).toEqual({ offers, files: false });
  });

  test.each([
    ['the argument of send', ['send', '']],
    ['the argument of a default subcommand', ['bulk', '']],
    ['the value of an option for a file', ['doctor', '--manifest', 'ro']],
  ])('leaves %s to bash, which offers files', (_title, words) => {
    expect(offeredBy(...words).files).toBe(true);
  });

  test('defines the completion of greenroom', () => {
    const { stdout } = spawnSync('bash', ['-c', 'source ./script; complete -p greenroom'], { cwd: directory });
    expect(String(stdout)).toBe('complete -o bashdefault -o default -F _greenroom greenroom\n');
  });
});

test('the help names a directory that has the command', async () => {
  const { out } = await runInProcess(['completion', '--help']);
  const [, bin] = /PATH="\$PWD\/([^:]+):/.exec(out) ?? [];
  expect(bin).toBe('node_modules/.bin');
  // The build has put it there.
  const { status, stdout } = spawnSync('bash', ['-c', 'PATH="$PWD/node_modules/.bin:$PATH"; greenroom --version']);
  expect([status, String(stdout)]).toEqual([0, `${packageJson.version}\n`]);
});

describe('the other shells', () => {
  const scripts = () => ({ zsh: zshScript(commands), fish: fishScript(commands) });

  test.each(['zsh', 'fish'] as const)('the script for %s is valid, if the shell is installed', (shell) => {
    if (!isInstalled(shell)) return;
    const { status, stderr } = spawnSync(shell, ['-n'], { input: scripts()[shell] });
    expect([status, String(stderr)]).toEqual([0, '']);
  });

  test.each(['zsh', 'fish'] as const)('the script for %s names every command, option and choice', (shell) => {
    const script = scripts()[shell];
    const long = (flags: readonly string[]) => flags.at(-1) ?? '';
    const flagText = (flag: string) => (shell === 'zsh' ? `'${flag}:` : `-l ${flag.slice(2)} `);
    const names = commands.flatMap(({ subcommands }) => subcommands.map(({ name }) => name));
    const options = commands.flatMap((command) => command.options);
    const choices = options.flatMap(({ values }) => (values?.kind === 'words' ? values.words : []));
    expect(choices).toContain('eu-west-1');
    for (const text of [...names, ...choices, ...options.map(({ flags }) => flagText(long(flags)))])
      expect(script).toContain(text);
  });

  test('quotes the apostrophes and colons of descriptions', () => {
    const hostile: CompletableCommand[] = [
      { path: '', subcommands: [{ name: 'a', description: "it's: $HOME" }], options: [], argument: { kind: 'other' } },
    ];
    expect(zshScript(hostile)).toContain(`'a:it'\\''s\\: $HOME'`);
    expect(fishScript(hostile)).toContain("-a a -d 'it\\'s: $HOME'");
  });
});

test.each([
  ['bash', /^# bash completion/],
  ['zsh', /^#compdef greenroom\n/],
  ['fish', /^# fish completion/],
])('greenroom completion %s prints the script', async (shell, beginning) => {
  const { code, out, err } = await runInProcess(['completion', shell]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(beginning);
});
