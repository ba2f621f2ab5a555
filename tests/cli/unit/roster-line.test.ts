import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { rosterLine } from '../../../client/roster-line.ts';
import { rosterEventSchema } from '../../../lib/contract/roster-event.ts';

test.each([
  [
    'at-risk',
    /^2026\S+ {2}live-event at-risk {2}live\/final-2026\/2 {2}1 of 3 rooms; missing at the check: fans-away, fans-home$/,
  ],
  ['cancelled', /^2026\S+ {2}live-event cancelled {2}live\/final-2026\/3 {2}1 existing room$/],
  ['failed', /^2026\S+ {2}bulk failed {2}\S+ {2}1 problem: column "maxMessageLength": is not a known column/],
])('the event of a roster that is %s has one line', (name, pattern) => {
  const sample = JSON.parse(readFileSync(`events/samples/roster-${name}.json`, 'utf8'));
  expect(rosterLine(rosterEventSchema.parse(sample))).toMatch(pattern);
});

test.each([
  [{}, / {2}1 of 3 rooms; expected after the start: fans-away, fans-home$/],
  [{ expectedAt: '2026-12-18T20:05:00.000Z' }, /; expected after the start \(2026-12-18T20:05:00\.000Z\): fans-away/],
])('a warning because of the pace %j says when the rooms are expected', (more, pattern) => {
  const sample = JSON.parse(readFileSync('events/samples/roster-at-risk.json', 'utf8'));
  const event = rosterEventSchema.parse({ ...sample, data: { ...sample.data, cause: 'pace', ...more } });
  expect(rosterLine(event)).toMatch(pattern);
});

test.each([
  [{ rows: { total: 8, invalid: 2, repeated: 0 } }, / rooms, 2 invalid rows$/],
  [{ stoppedAt: '2026-12-18T20:05:00.000Z' }, / rooms, stopped$/],
])('a bulk job that ended with %j says so', (more, pattern) => {
  const sample = JSON.parse(readFileSync('events/samples/roster-completed.json', 'utf8'));
  const rows = { ...sample.data.rows, invalid: 0 };
  const event = rosterEventSchema.parse({ ...sample, data: { ...sample.data, rows, ...more } });
  expect(rosterLine(event)).toMatch(pattern);
});

test('a problem of a whole manifest names the manifest', () => {
  const sample = JSON.parse(readFileSync('events/samples/roster-failed.json', 'utf8'));
  const problems = [{ path: '', message: 'is not UTF-8' }];
  const event = rosterEventSchema.parse({ ...sample, data: { ...sample.data, problems } });
  expect(rosterLine(event)).toMatch(/ {2}1 problem: the manifest is not UTF-8$/);
});
