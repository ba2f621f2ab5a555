import { describe, expect, test } from '@jest/globals';
import { emulator, type RawRequest, type Seen, send, UNLIMITED } from './emulator.ts';

const TAGS_PATH = `/tags/${encodeURIComponent('arn:aws:ivschat:eu-west-1:1:room/absent')}`;

function errorOf(raw: RawRequest) {
  return send(emulator({ quotas: UNLIMITED }), raw);
}

test.each<RawRequest>([
  { path: '/' },
  { path: '/MakeRoom' },
  { path: '/CreateRoom/' },
  { path: '/SendEvent' },
  { path: '/CreateRoom', method: 'GET' },
  { path: '/tags/' },
  { path: TAGS_PATH, method: 'PUT' },
])('no operation is bound to %j', async (raw) => {
  expect(await errorOf(raw)).toMatchObject({
    status: 404,
    headers: { 'x-amzn-errortype': 'UnknownOperationException' },
  });
});

describe('a request that is not the operation’s input', () => {
  test.each<RawRequest>([
    { path: '/CreateRoom', body: '{' },
    { path: '/CreateRoom', body: 'name=stage' },
    { path: '/CreateRoom', body: '[]' },
    { path: '/CreateRoom', body: 'null' },
    { path: '/CreateRoom', body: '"room"' },
    { path: '/CreateRoom', body: { name: 5 } },
    { path: '/CreateRoom', body: { maximumMessageLength: '5' } },
    { path: '/CreateRoom', body: { maximumMessageLength: 1.5 } },
    { path: '/CreateRoom', body: { tags: ['a'] } },
    { path: '/CreateRoom', body: { tags: { a: null } } },
    { path: '/CreateRoom', body: { loggingConfigurationIdentifiers: 'arn' } },
    { path: '/CreateRoom', body: { messageReviewHandler: 'arn' } },
    { path: TAGS_PATH, body: '[]' },
    { path: '/CreateChatToken', body: { roomIdentifier: 5, userId: 'a' } },
    { path: '/CreateChatToken', body: { capabilities: 'SEND_MESSAGE' } },
    { path: '/CreateChatToken', body: { attributes: { badge: 1 } } },
    { path: '/tags/%zz', method: 'GET' },
  ])('is refused with a SerializationException: %j', async (raw) => {
    expect(await errorOf(raw)).toMatchObject({
      status: 400,
      headers: { 'x-amzn-errortype': 'SerializationException' },
      json: { message: expect.any(String) },
    });
  });
});

test('all problems of a request are reported together', async () => {
  const body = { name: 'a b', maximumMessageLength: 501, tags: { '': 'x' }, messageReviewHandler: { uri: 'arn' } };
  expect(await errorOf({ path: '/CreateRoom', body })).toMatchObject({
    status: 400,
    headers: { 'x-amzn-errortype': 'ValidationException', 'content-type': 'application/json' },
    json: {
      message: expect.stringMatching(/^4 validation errors detected: /),
      reason: 'FIELD_VALIDATION_FAILED',
      fieldList: [
        { name: 'name', message: 'Member must satisfy regular expression pattern: [a-zA-Z0-9-_]*' },
        { name: 'maximumMessageLength', message: 'Member must have value less than or equal to 500' },
        { name: 'messageReviewHandler.uri' },
        { name: 'tags.', message: 'Member must have length greater than or equal to 1' },
      ],
    },
  });
});

test('unknown members are ignored, and members set to null count as absent', async () => {
  const emulated = emulator({ quotas: UNLIMITED });
  const body = { name: null, colour: 'green', messageReviewHandler: { fallbackResult: 'DENY', colour: 'green' } };
  expect(await send(emulated, { path: '/CreateRoom', body })).toMatchObject({ status: 200 });
  const [room] = emulated.ivsChat.admin.rooms();
  expect(room).toMatchObject({ name: '', messageReviewHandler: { fallbackResult: 'DENY' } });
  expect(JSON.stringify(room)).not.toContain('colour');
});

test('a request without a body has an empty input', async () => {
  expect(await errorOf({ path: '/CreateRoom' })).toMatchObject({ status: 200 });
});

test('names that JavaScript objects inherit are not members, and are kept as tag keys', async () => {
  const emulated = emulator({ quotas: UNLIMITED });
  const body = '{ "__proto__": { "name": "inherited" }, "tags": { "__proto__": "a", "constructor": "b" } }';
  expect(await send(emulated, { path: '/CreateRoom', body })).toMatchObject({
    json: { name: '', tags: JSON.parse('{ "__proto__": "a", "constructor": "b" }') },
  });
  const tags = Object.entries(emulated.ivsChat.admin.rooms()[0]?.tags ?? {});
  expect(tags).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
});

test('an input that would cost a pattern quadratic time is refused immediately', async () => {
  const uri = `arn:aws:lambda:eu-west-1:123456789012:function:${'f'.repeat(1_000_000)}\n`;
  const startMs = performance.now();
  expect(await errorOf({ path: '/CreateRoom', body: { messageReviewHandler: { uri } } })).toMatchObject({
    status: 400,
  });
  expect(performance.now() - startMs).toBeLessThan(1_000);
});

test('every response has its own request id and the date of the service’s clock', async () => {
  const emulated = emulator({ quotas: UNLIMITED });
  emulated.clock.nowMs = Date.UTC(2026, 0, 1, 12);
  const answers: (Seen | 'lost')[] = [];
  for (const path of ['/CreateRoom', '/ListRooms', '/Nothing']) answers.push(await send(emulated, { path }));
  for (const answer of answers) {
    expect(answer).toMatchObject({ headers: { date: 'Thu, 01 Jan 2026 12:00:00 GMT' } });
  }
  const ids = answers.map((answer) => answer !== 'lost' && answer.headers['x-amzn-requestid']);
  expect(new Set(ids).size).toBe(3);
});
