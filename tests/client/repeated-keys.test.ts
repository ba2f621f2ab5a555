import { expect, test } from '@jest/globals';
import { prepareRequest } from '../../client/prepared-request.ts';
import { createRepeatedKeys } from '../../client/repeated-keys.ts';

function read(request: object) {
  const line = { number: 1, name: 'line 1', body: JSON.stringify({ idempotencyKey: 'k', room: {}, ...request }) };
  const prepared = prepareRequest(line, { region: 'eu-west-1', nowMs: 0 });
  if (prepared.read.kind !== 'request') throw new Error(`The request is ${prepared.read.kind}`);
  return prepared.read;
}

test.each([
  ['another name', { room: { name: 'b' } }],
  ['another region', { room: { name: 'a' }, region: 'us-east-1' }],
])('a key that is repeated with %s is a problem that names the earlier request', (_what, second) => {
  const keys = createRepeatedKeys();
  expect(keys.note(read({ room: { name: 'a' } }), 'line 1')).toBeUndefined();
  expect(keys.note(read(second), 'line 2')).toEqual({
    path: 'idempotencyKey',
    message: 'is also the key of line 1, which requests a different room: change one of the keys',
  });
});

test.each([
  ['an equal request', { room: { name: 'a' } }],
  ['the default region by its name', { room: { name: 'a' }, region: 'eu-west-1' }],
  ['an empty member', { room: { name: 'a', tags: {} } }],
  ['other metadata', { room: { name: 'a' }, metadata: { source: 'test' } }],
  ['another key', { idempotencyKey: 'other', room: { name: 'b' } }],
])('%s is harmless', (_what, second) => {
  const keys = createRepeatedKeys();
  keys.note(read({ room: { name: 'a' } }), 'line 1');
  expect(keys.note(read(second), 'line 2')).toBeUndefined();
});

test('an endless input does not fill the memory: after a number of keys, further keys are not remembered', () => {
  const keys = createRepeatedKeys(1);
  keys.note(read({}), 'line 1');
  keys.note(read({ idempotencyKey: 'second' }), 'line 2');
  expect(keys.note(read({ idempotencyKey: 'second', room: { name: 'b' } }), 'line 3')).toBeUndefined();
  expect(keys.note(read({ room: { name: 'b' } }), 'line 4')).toBeDefined();
});
