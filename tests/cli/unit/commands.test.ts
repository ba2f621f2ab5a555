import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { COMMANDS, spellOutHelp } from '../../../cli/commands.ts';
import { commandContext } from '../../support/run-in-process.ts';

/** The packages that are loaded together with a source file, without those that it imports dynamically. */
function packagesOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file) || !existsSync(file) || !file.endsWith('.ts')) return [];
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export|\}) (?!type )[^;]*?from '([^']+)'/gm);
  return [...imports].flatMap(([, from = '']) => {
    if (from.startsWith('.')) return packagesOf(join(dirname(file), from), seen);
    return from.startsWith('node:') ? [] : [from];
  });
}

test('the start of the command line loads commander and no other package', () => {
  expect(new Set(['greenroom', 'run-cli'].flatMap((name) => packagesOf(`cli/${name}.ts`)))).toEqual(
    new Set(['commander']),
  );
});

test('a command loads more than that', () => {
  expect(packagesOf('cli/cancel.ts')).toEqual(expect.arrayContaining(['zod', '@aws-sdk/client-sqs']));
});

test.each(COMMANDS)('$name gets its options when it is loaded', async ({ name, load }) => {
  const command = new Command(name);
  const { defineCommand } = await load();
  defineCommand(command, commandContext());
  const { options, commands, registeredArguments } = command;
  expect(options.length + commands.length + registeredArguments.length).toBeGreaterThan(0);
});

test.each([
  [
    ['help', 'pace', 'pause'],
    ['pace', 'pause', '--help'],
  ],
  [
    ['--quiet', 'help', 'send'],
    ['--quiet', 'send', '--help'],
  ],
  [['help'], ['help']],
  [
    ['help', 'help'],
    ['help', 'help'],
  ],
  [
    ['send', 'help', 'send'],
    ['send', 'help', 'send'],
  ],
])('%j is the same as %j', (args, expected) => {
  expect(spellOutHelp(args)).toEqual(expected);
});
