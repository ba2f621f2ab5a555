import { expect, test } from '@jest/globals';
import { whatIsKept } from '../../../local/start/data-format.ts';
import { openRunRecord } from '../../../local/start/run-record.ts';
import { whatNext } from '../../../local/start/what-next.ts';

const linesOf = (...bodies: string[]) => ({
  file: 'own.ndjson',
  lines: bodies.map((body, index) => ({ number: index + 1, name: `line ${index + 1}`, body })),
});

test('the unreadable lines of a file are named, because the doctor reports them', () => {
  const record = openRunRecord('eu-west-1', undefined, linesOf('{"idempotencyKey":"a","room":{}}', '{"idem', 'x'));
  const text = whatNext(record, undefined, true);
  expect(text).toContain('line 2, line 3 are unreadable. greenroom has parked them for a person.\n');
  // A later process with the same data finds the queue empty.
  expect(whatNext(record, 'data', false)).not.toContain('arked');
  expect(text).toContain('Ctrl-C (nothing is kept without --data)');
});

test('without an unreadable line, nothing is parked', () => {
  const record = openRunRecord('eu-west-1', undefined, linesOf('{"idempotencyKey":"a","room":{}}'));
  expect(whatNext(record, 'data', true)).not.toContain('arked');
  expect(whatNext(record, 'data', true)).toContain('Ctrl-C (all data is kept in data)');
});

test('the end says where the data is, and how to continue and to remove it', () => {
  expect(whatIsKept(undefined, '.greenroom/logs')).toContain('only the logs in .greenroom/logs');
  expect(whatIsKept("my data's", 'logs')).toBe(
    "Stopped. All data is kept in my data's.\nContinue:   npm start -- --data 'my data'\\''s'\nRemove it:  rm -r 'my data'\\''s'",
  );
});
