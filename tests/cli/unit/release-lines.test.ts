import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { effectLines } from '../../../cli/print/release-lines.ts';
import { planRelease } from '../../../client/operate/release/plan-release.ts';

const NOW_MS = Date.parse('2026-12-18T14:00:00Z');
const AN_HOUR_LATER_MS = NOW_MS + 3_600_000;

test.each<[string, number | undefined, number | undefined, string]>([
  [
    'that is short, to the second',
    10_000,
    undefined,
    'Until about 2026-12-18 14:00:10 UTC, --keep for the same rooms undoes this, because the stage has a grace period of 10 s.',
  ],
  [
    'that is long, to the minute',
    1_800_000,
    undefined,
    'Until about 2026-12-18 14:30 UTC, --keep for the same rooms undoes this, because the stage has a grace period of 30 min.',
  ],
  [
    'unless the time of the release is later',
    10_000,
    AN_HOUR_LATER_MS,
    'Until about 2026-12-18 15:00 UTC, --keep for the same rooms undoes this.',
  ],
  ['or not at all', 0, undefined, 'This cannot be undone: the stage has no grace period.'],
  [
    'that is assumed to be the default if it cannot be read',
    undefined,
    undefined,
    'Until about 2026-12-18 14:15 UTC, --keep for the same rooms undoes this, if the stage has the default grace period of 15 min.',
  ],
])('a release can be undone for the grace period, %s', (_what, graceMs, releaseAtMs, line) => {
  const intent = { releaseAtMs, tenant: undefined };
  const plan = planRelease([{ key: 'key', state: 'made', region: 'eu-west-1' }], intent);
  expect(effectLines(plan, intent, { nowMs: NOW_MS, graceMs }).at(-1)).toBe(line);
});

test('the default grace period is that of serverless.yml', () => {
  const params =
    readFileSync('serverless.yml', 'utf8')
      .split(/^params:$/m)[1]
      ?.split(/^\S/m)[0] ?? '';
  const graces = [...params.matchAll(/^ {2}(\w+):|releaseGraceSeconds: (\d+)/gm)].map(
    ([, stage, seconds]) => stage ?? seconds,
  );
  expect(graces.slice(0, 2)).toEqual(['default', '900']);
});
