import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { POSTPONE_REASONS } from '../../../lib/provisioning/postponement.ts';

/** The reasons in the first column of the tables of a section. */
function explainedIn(guide: string, heading: string): string[] {
  const section = guide.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const cells = [...section.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, reason = '']) => reason));
}

test('the operations guide explains every reason for which a request waits', () => {
  const explained = explainedIn(readFileSync('docs/operations.md', 'utf8'), 'Why a request waits');
  expect(explained.toSorted()).toEqual([...POSTPONE_REASONS].sort());
});

test('control: a reason without a row is missed', () => {
  const guide =
    '\n## Why\n\n| reason | meaning |\n|---|---|\n| `busy`, `paused` | … |\n\n## Next\n\n| `denied` | … |\n';
  expect(explainedIn(guide, 'Why')).toEqual(['busy', 'paused']);
});
