import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { prepareRequest } from '../../../client/prepared-request.ts';
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
