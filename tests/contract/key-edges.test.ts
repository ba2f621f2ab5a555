import { describe, expect, test } from '@jest/globals';
import { keyEdgeProblems } from '../../lib/contract/key-edges.ts';
import { parseLiveEventMessage } from '../../lib/contract/live-event-message.ts';
import { problemsIn } from '../../lib/contract/read-message.ts';
import { DEFAULTS, read } from './messages.ts';

const problemsOf = (idempotencyKey: string) => {
  const message = read({ idempotencyKey, room: {} }, { isFromRoster: false });
  return problemsIn(message).map(({ path, message: text }) => `${path}: ${text}`);
};

describe('a key is refused if it', () => {
  test.each([
    [' k', 'begins with a space (U+0020)'],
    ['k ', 'ends with a space (U+0020)'],
    ['\u00a0k', 'begins with a no-break space (U+00A0)'],
    ['k\u202f', 'ends with a narrow no-break space (U+202F)'],
    ['k\u2003', 'ends with a space (U+2003)'],
    ['k\u3000', 'ends with an ideographic space (U+3000)'],
    ['\u200bk', 'begins with a zero-width space (U+200B)'],
    ['k\u200d', 'ends with a zero-width joiner (U+200D)'],
    ['\ufeffk', 'begins with a byte order mark (U+FEFF)'],
    ['k\u2060', 'ends with a word joiner (U+2060)'],
    ['\u202ak', 'begins with an invisible character (U+202A)'],
    ['k\u00ad', 'ends with a soft hyphen (U+00AD)'],
  ])('is %j: it %s', (key, problem) => {
    expect(problemsOf(key)).toEqual([
      `idempotencyKey: ${problem}: remove it. greenroom does not trim keys, because a trimmed key would be a different key`,
    ]);
  });

  test('both begins and ends with white space', () => {
    expect(problemsOf(' k\u00a0')).toEqual([
      expect.stringContaining('begins with a space'),
      expect.stringContaining('ends with a no-break space'),
    ]);
  });

  test('contains a letter that a program could not read', () => {
    expect(problemsOf('na\ufffdve')).toEqual([expect.stringMatching(/^idempotencyKey: contains "\ufffd" \(U\+FFFD\)/)]);
    expect(problemsOf('naïve')).toEqual([]);
  });

  test('is blank or has line breaks, with one problem each', () => {
    expect(problemsOf('  ')).toEqual(['idempotencyKey: must not be blank']);
    expect(problemsOf('k\n')).toEqual(['idempotencyKey: must not contain control characters or line breaks']);
  });

  test('is that of a room of a live event', () => {
    const event = {
      liveEventId: 'e',
      revision: 1,
      startsAt: '2026-12-18T19:00:00Z',
      rooms: [{ key: 'main ', room: {} }],
    };
    const parsed = parseLiveEventMessage(JSON.stringify(event), { ...DEFAULTS, leadMs: 1_800_000, atRiskMs: 600_000 });
    expect(parsed).toMatchObject({
      kind: 'invalid',
      problems: [{ path: 'rooms[0].key', message: expect.stringMatching(/^ends with a space/) }],
      // The hash shows whether release 0.1.0 has accepted the revision.
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});

test.each(['a b', 'a\u00a0b', 'a\u200bb', 'é', '\u2764\ufe0f', '\u{1f469}\u200d\u{1f680}', "'=1+1", '-', '.'])(
  'the key %j is accepted',
  (key) => {
    expect(problemsOf(key)).toEqual([]);
    expect(keyEdgeProblems('key', key)).toEqual([]);
  },
);

test('a member that release 0.1.0 has requested keeps its key', () => {
  const message = { idempotencyKey: 'live/e/main ', room: {}, roster: 'live/e/1' };
  expect(read(message, { isFromRoster: true }).kind).toBe('request');
  expect(read(message, { isFromRoster: false }).kind).toBe('invalid');
});
