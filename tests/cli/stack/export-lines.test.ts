import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { exportLines, SHELLS } from '../../../cli/print/export-lines.ts';

const HOSTILE = ['', 'plain', "it's", '$HOME `id` "two"', 'a\\b\\', 'line\nbreak', '‘curly’', "'; exit 1; '"];
const PROGRAMS: Record<string, string> = { powershell: 'pwsh' };
const PRINT = 'process.stdout.write(JSON.stringify([process.env.VALUE, process.env.GONE ?? null]))';

const installed = SHELLS.filter((shell) => spawnSync(PROGRAMS[shell] ?? shell, ['-c', 'exit']).status === 0);

/** What a program sees that a shell starts after it has evaluated the lines. */
function seenBy(shell: (typeof SHELLS)[number], value: string): unknown {
  const script = [...exportLines({ VALUE: value }, ['GONE'], shell), `& '${process.execPath}' -e '${PRINT}'`].join(
    '\n',
  );
  const command = shell === 'powershell' ? script : script.replace(/^& /m, '');
  const { stdout } = spawnSync(PROGRAMS[shell] ?? shell, ['-c', command], { env: { GONE: 'x', NODE_OPTIONS: '' } });
  return JSON.parse(String(stdout));
}

test('sh and bash are installed', () => {
  expect(installed).toEqual(expect.arrayContaining(['sh', 'bash']));
});

describe.each(installed)('%s', (shell) => {
  test.each(HOSTILE)('exports %j unchanged', (value) => {
    expect(seenBy(shell, value)).toEqual([value, null]);
  });
});

describe('the texts for shells that may not be installed', () => {
  test.each([
    ['fish', ['set -e GONE', "set -gx A 'it\\'s \\\\ $B'"]],
    ['powershell', ['$env:GONE = $null', "$env:A = 'it''s \\ $B'"]],
    ['zsh', ['unset GONE', "export A='it'\\''s \\ $B'"]],
  ] as const)('%s', (shell, lines) => {
    expect(exportLines({ A: "it's \\ $B" }, ['GONE'], shell)).toEqual(lines);
  });

  test('PowerShell also ends a string at typographic quotes, so they are doubled', () => {
    expect(exportLines({ A: '‘’‚‛' }, [], 'powershell')).toEqual(["$env:A = '‘‘’’‚‚‛‛'"]);
  });
});
