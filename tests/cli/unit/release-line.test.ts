import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { releaseLine } from '../../../client/release-line.ts';
import { releaseEventSchema } from '../../../lib/contract/release-event.ts';

const KEY = 'final-2026/main-chat';
const TIME = '2026-11-02T22:00:00.000Z';

function lineOf(name: string, changes: object = {}): string {
  const sample = JSON.parse(readFileSync(`events/samples/${name}.json`, 'utf8'));
  const event = releaseEventSchema.parse({ ...sample, data: { ...sample.data, ...changes } });
  return stripVTControlCharacters(releaseLine(event));
}
const standing = (releaseAt: string | null, notBefore: string | null) => ({
  standing: { wishedAt: TIME, releaseAt, notBefore },
});

test.each([
  ['room-released', {}, `2026-11-02T22:00:31.250Z  released  ${KEY}  eu-west-1  final-2026-main  arn:aws:ivschat:`],
  ['release-scheduled', {}, `release-scheduled  ${KEY}  eu-west-1  room made, released at ${TIME}`],
  [
    'release-scheduled',
    standing(TIME, '2026-11-02T22:15:00.000Z'),
    `released at ${TIME}, not before 2026-11-02T22:15:00.000Z`,
  ],
  ['release-scheduled', { ...standing(null, null), state: 'unknown' }, 'eu-west-1  not requested yet, kept'],
  [
    'release-scheduled',
    { ...standing(null, null), superseded: true },
    'room made, kept (a later command or request applies)',
  ],
  ['release-failed', {}, `release-failed  ${KEY}  eu-west-1  too-late`],
  [
    'release-failed',
    {
      reason: 'invalid-request',
      problems: [
        { path: 'releaseAt', message: 'must be\u001b[2J a time' },
        { path: '', message: 'is bad' },
      ],
      problemsTotal: 3,
    },
    'invalid-request: releaseAt: must be\\x1b[2J a time; is bad; and 1 more',
  ],
])('the event %s with %j has one line', (name, changes, text) => {
  expect(lineOf(name, changes)).toContain(text);
  expect(lineOf(name, changes)).not.toContain('\n');
});
