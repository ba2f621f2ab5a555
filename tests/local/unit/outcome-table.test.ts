import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { prepareRequest } from '../../../client/prepared-request.ts';
import { completionSchema } from '../../../lib/contract/completion.ts';
import { outcomeTable } from '../../../local/start/outcome-table.ts';

const SETTINGS = { region: 'eu-west-1', nowMs: 0 } as const;
const body = JSON.stringify({ idempotencyKey: 'confab-2026/sessions/keynote', room: { name: 'keynote' } });
const tracked = { request: prepareRequest({ number: 1, name: 'line 1', body }, SETTINGS), sentAtMs: 0 };

test.each([
  [undefined, ['line', 'key', 'envelope', 'region', 'room', 'seconds', 'outcome']],
  [85, ['line', 'key', 'envelope', 'region', 'room', 'seconds', 'outcome']],
  [84, ['line', 'key', 'region', 'room', 'seconds', 'outcome']],
  [74, ['line', 'key', 'region', 'seconds', 'outcome']],
  [68, ['line', 'key', 'seconds', 'outcome']],
])('a terminal of %s columns shows the columns that fit', (width, headings) => {
  const [header = '', row = ''] = outcomeTable([tracked], width).map(stripVTControlCharacters);
  expect(header.split(/ +/)).toEqual(headings);
  expect(row.indexOf('confab')).toBe(header.indexOf('key'));
});

test('a long key is cut and a long outcome gets its own line, only in a terminal', () => {
  const long = JSON.stringify({ idempotencyKey: `final-2026/${'k'.repeat(200)}`, room: {} });
  const rejected = JSON.parse(readFileSync('events/samples/room-failed.json', 'utf8'));
  Object.assign(rejected.data, { reason: 'key-reused-with-different-payload' });
  const request = prepareRequest({ number: 1, name: 'line 1', body: long }, SETTINGS);
  const answer = { completion: completionSchema.parse(rejected), receivedAtMs: 1_000 };
  const table = (width?: number) =>
    outcomeTable([{ request, sentAtMs: 0, answer }], width).map(stripVTControlCharacters);
  expect(table(80).filter(({ length }) => length > 80)).toEqual([]);
  expect(table(80).slice(1, 3)).toEqual([
    expect.stringMatching(/^1 {5}final-2026\/k+… {2}1\.0$/),
    '      failed: key-reused-with-different-payload',
  ]);
  expect(table()[1]).toMatch(/^1 {5}final-2026\/k{200} .* failed: key-reused-with-different-payload$/);
});
