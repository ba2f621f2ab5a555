import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { effectLines } from '../../../cli/print/release-lines.ts';
import { planRelease } from '../../../client/operate/release/plan-release.ts';

const NOW_MS = Date.parse('2026-12-18T14:00:00Z');
const AN_HOUR_LATER_MS = NOW_MS + 3_600_000;

test.each<[string, string, number | undefined, string]>([
  [
    'of the local stack, to the second',
    'local',
    undefined,
    '2026-12-18 14:00:10 UTC, --keep for the same rooms undoes this, because the local stack has a grace period of 10 s.',
  ],
  [
    'of the local stack, unless the time of the release is later',
    'local',
    AN_HOUR_LATER_MS,
    '2026-12-18 15:00:00 UTC, --keep for the same rooms undoes this, because the local stack has a grace period of 10 s.',
  ],
  [
    'that is the default of a deployed stage',
    'prod',
    undefined,
    '2026-12-18 14:15 UTC, --keep for the same rooms undoes this, if the stage has the default grace period of 15 min.',
  ],
])('a release can be undone for the grace period %s', (_what, stage, releaseAtMs, until) => {
  const intent = { releaseAtMs, tenant: undefined };
  const plan = planRelease([{ key: 'key', state: 'made', region: 'eu-west-1' }], intent);
  expect(effectLines(plan, intent, { nowMs: NOW_MS, stage }).at(-1)).toBe(`Until about ${until}`);
});

test('the grace periods are those of serverless.yml', () => {
  const params =
    readFileSync('serverless.yml', 'utf8')
      .split(/^params:$/m)[1]
      ?.split(/^\S/m)[0] ?? '';
  const graces = [...params.matchAll(/^ {2}(\w+):|releaseGraceSeconds: (\d+)/gm)].map(
    ([, stage, seconds]) => stage ?? seconds,
  );
  expect(graces).toEqual(['default', '900', 'local', '10']);
});
