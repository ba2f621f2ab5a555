import { describe, expect, test } from '@jest/globals';
import { readTokenRequest } from '../../../examples/token-service/read-token-request.ts';
import { pathOf, tokenEvent } from '../../../examples/token-service/token-event.ts';

const MEMBER = { sub: 'ada', chat_role: 'member' };
const read = (path: string, claims: Record<string, string> = MEMBER) => readTokenRequest(tokenEvent(path, claims));
const problemsAt = (path: string, claims = MEMBER) => {
  const request = read(path, claims);
  return request.kind === 'invalid' ? request.problems : request.kind;
};

describe('the key of the path', () => {
  test.each([
    'matchday',
    'matchday/final-2026/main',
    'confab 2026/Zürich/🎤',
    'live/final-2026/1/a',
    '100%',
    'a+b&c=d;e:f@g',
    'token',
    'a/token',
    'a..b/.c',
    'x'.repeat(256),
  ])('is %j as the client encoded it', (key) => {
    expect(read(pathOf(key))).toEqual({ kind: 'request', key, caller: { userId: 'ada', role: 'member' } });
  });

  test('may contain slashes that are not encoded', () => {
    expect(read('/rooms/matchday/final-2026/main/token')).toMatchObject({ key: 'matchday/final-2026/main' });
  });

  test.each([
    ['no key', '/rooms//token', 'must be 1 to 256 characters long'],
    ['an overlong key', pathOf('x'.repeat(257)), 'must be 1 to 256 characters long'],
    ['an overlong key of wide characters', pathOf('🎤'.repeat(257)), 'must be 1 to 256 characters long'],
    ['a blank key', pathOf('   '), 'must not be blank'],
    ['a line break', pathOf('a\nb'), 'must not contain control characters or line breaks'],
    ['a NUL', pathOf('a\0b'), 'must not contain control characters or line breaks'],
    ['white space at the end', pathOf('a '), 'ends with a space'],
    ['a replaced letter', pathOf('Z\ufffdrich'), 'which programs write for a letter'],
    ['a path that leaves the room', pathOf('../../admin'), 'must not have a segment "." or ".."'],
    ['a path that leaves the room on Windows', pathOf('a\\..\\b'), 'must not have a segment "." or ".."'],
    ['a segment that paths ignore', pathOf('a/./b'), 'must not have a segment "." or ".."'],
    ['a key that was encoded twice', pathOf(encodeURIComponent('a/b')), 'contains "%2F": encode the key only once'],
    ['a hidden path', pathOf('%2e%2e/b'), 'contains "%2e": encode the key only once'],
  ])('%s is a problem', (_what, path, message) => {
    expect(problemsAt(path)).toContainEqual({ path: 'key', message: expect.stringContaining(message) });
  });

  test.each(['/rooms/a', '/rooms/a/tokens', '/rooms/a/token/', '/rooms/token'])('%s is not a request', (path) => {
    expect(read(path)).toEqual({ kind: 'no-route' });
  });
});

describe('the caller', () => {
  test.each([undefined, {}, { chat_role: 'member' }, { sub: '', chat_role: 'member' }])(
    'with the claims %j is not authenticated',
    (claims) => {
      expect(readTokenRequest(tokenEvent(pathOf('a'), claims))).toEqual({ kind: 'unauthenticated' });
    },
  );

  test.each(['', 'admin', 'Moderator', 'member ', '[member moderator]', 'toString', '__proto__'])(
    'with the role %j may not enter',
    (chat_role) => {
      expect(read(pathOf('a'), { sub: 'ada', chat_role })).toEqual({ kind: 'forbidden' });
    },
  );

  test('may have an id of 128 characters, but not more', () => {
    const id = '🎤'.repeat(128);
    expect(read(pathOf('a'), { ...MEMBER, sub: id })).toMatchObject({ caller: { userId: id } });
    expect(problemsAt(pathOf('a'), { ...MEMBER, sub: `${id}x` })).toEqual([
      { path: 'userId', message: 'must be at most 128 characters long' },
    ]);
  });
});

test('all problems of a request are listed at once', () => {
  const claims = { ...MEMBER, sub: 'x'.repeat(129) };
  expect(problemsAt(pathOf(`%2F/../${'x'.repeat(256)}`), claims)).toEqual([
    { path: 'key', message: 'must be 1 to 256 characters long' },
    { path: 'key', message: 'contains "%2F": encode the key only once' },
    { path: 'key', message: 'must not have a segment "." or ".."' },
    { path: 'userId', message: 'must be at most 128 characters long' },
  ]);
});

test('an event of something else is an error', () => {
  expect(() => readTokenRequest({ Records: [] })).toThrow();
});
