import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, payloadHash } from '../../lib/contract/keys.ts';
import { payloadHashes, withoutEmptyMembers } from '../../lib/contract/payload-notations.ts';
import type { Room } from '../../lib/contract/room.ts';

const REGION = 'eu-west-1';
const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:review';
const hashesOf = (room: Room) => payloadHashes({ room, region: REGION });
const hashOf = (room: Room) => payloadHash({ room, region: REGION });

const rooms: fc.Arbitrary<Room> = fc.record(
  {
    name: fc.constantFrom('', 'hall'),
    maximumMessageLength: fc.constant(500),
    tags: fc.constantFrom<Record<string, string>>({}, { a: '' }, { a: '1' }),
    loggingConfigurationIdentifiers: fc.constantFrom<string[]>([], ['arn']),
    messageReviewHandler: fc.record(
      { uri: fc.constantFrom('', FUNCTION), fallbackResult: fc.constant('DENY' as const) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const emptyMembers: fc.Arbitrary<Room> = fc.record(
  {
    name: fc.constant(''),
    tags: fc.constant({}),
    loggingConfigurationIdentifiers: fc.constant([]),
    messageReviewHandler: fc.constantFrom({}, { uri: '' }),
  },
  { requiredKeys: [] },
);

/** Two rooms. In half of the pairs, the second room is the first one with more empty members. */
const pairs: fc.Arbitrary<[Room, Room]> = fc.oneof(
  fc.tuple(rooms, rooms),
  fc.tuple(rooms, emptyMembers).map(([room, empty]): [Room, Room] => [room, { ...empty, ...room }]),
);

describe('payloadHashes', () => {
  test('of a room contain the hash of another room if and only if the rooms differ only in empty members', () => {
    const verdicts = { same: 0, different: 0 };
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const isSame = canonicalJson(withoutEmptyMembers(a)) === canonicalJson(withoutEmptyMembers(b));
        expect(hashesOf(a).includes(hashOf(b))).toBe(isSame);
        expect(hashesOf(b).includes(hashOf(a))).toBe(isSame);
        verdicts[isSame ? 'same' : 'different'] += 1;
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(verdicts.same, verdicts.different)).toBeGreaterThan(500);
  });

  test('begin with the hash of the room as it is written, and contain no hash twice', () => {
    fc.assert(
      fc.property(rooms, (room) => {
        const hashes = hashesOf(room);
        expect(hashes[0]).toBe(hashOf(room));
        expect(new Set(hashes).size).toBe(hashes.length);
      }),
    );
    expect(hashesOf({})).toHaveLength(12);
  });
});

test.each<[string, Room, Room]>([
  ['an empty name', { name: '' }, {}],
  ['no tags', { tags: {} }, {}],
  ['an empty list', { loggingConfigurationIdentifiers: [] }, {}],
  ['a handler without members', { messageReviewHandler: {} }, {}],
  ['a handler without a function', { messageReviewHandler: { uri: '' } }, {}],
  [
    'a fallback without a function, which IVS Chat may refuse',
    { messageReviewHandler: { uri: '', fallbackResult: 'DENY' } },
    { messageReviewHandler: { fallbackResult: 'DENY' } },
  ],
  ['a tag with an empty value, which is a tag', { tags: { a: '' } }, { tags: { a: '' } }],
])('withoutEmptyMembers: %s', (_, room, expected) => {
  expect(withoutEmptyMembers(room)).toEqual(expected);
});
