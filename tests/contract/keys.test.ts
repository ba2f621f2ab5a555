import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, ledgerKey, payloadHash, roomName } from '../../lib/contract/keys.ts';
import { REGIONS } from '../../lib/contract/regions.ts';
import { roomSchema } from '../../lib/contract/room.ts';

/** The same value with the members of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([key, member]) => [key, reversed(member)]));
}

const rooms = fc.record(
  {
    name: fc.constantFrom('', 'a', 'b'),
    maximumMessageLength: fc.integer({ min: 1, max: 3 }),
    tags: fc.dictionary(fc.constantFrom('x', 'y', '__proto__'), fc.constantFrom('', '1')),
    loggingConfigurationIdentifiers: fc.array(fc.constantFrom('l1', 'l2'), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

describe('canonicalJson', () => {
  test('does not depend on the order of keys, and parses to the original value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('sorts by code unit, keeps the order of lists, and drops members that JSON cannot express', () => {
    const value = { b: [2, 1, { z: null, a: undefined }], '\u{1f39f}': 1, '\uff01': 2, B: true, a: -0 };
    expect(canonicalJson(value)).toBe('{"B":true,"a":0,"b":[2,1,{"z":null}],"\u{1f39f}":1,"\uff01":2}');
  });

  test('keeps a member named __proto__', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}'))).toBe('{"__proto__":{"a":2},"b":1}');
  });
});

describe('payloadHash', () => {
  test('is equal if and only if room and region are equal; an empty name counts as no name', () => {
    const payloads = fc.record({ room: rooms, region: fc.constantFrom(...REGIONS.slice(0, 2)) });
    fc.assert(
      fc.property(payloads, payloads, (a, b) => {
        const asked = [a, b].map(({ room, region }) =>
          canonicalJson({ ...room, name: room.name || undefined, region }),
        );
        expect(payloadHash(a) === payloadHash(b)).toBe(asked[0] === asked[1]);
      }),
      { numRuns: 2000 },
    );
  });

  test('treats the name "" as no name, and treats no other value like an absent one', () => {
    const hashes = [{}, { name: '' }, { name: 'a' }, { tags: {} }, { maximumMessageLength: 500 }].map((room) =>
      payloadHash({ room, region: 'eu-west-1' }),
    );
    expect(hashes[1]).toBe(hashes[0]);
    expect(new Set(hashes).size).toBe(4);
  });

  test('is the same as in earlier releases, because their ledgers are read', () => {
    const room = { name: 'final', tags: { b: '2', a: '1' }, loggingConfigurationIdentifiers: [] };
    expect(payloadHash({ room, region: 'eu-west-1' })).toBe(
      '83de2acf78830716adcaee4f945874670ebc65964dc014e71765284e0956f2a1',
    );
  });
});

test('ledgerKey is the SHA-256 of the UTF-8 bytes, in hex', () => {
  expect(ledgerKey('final-2026/main-chat')).toBe('c71b6cb84e1e253db456cfdc7b5b9a71b46d3addc860b96e49641aa05f9f9dbc');
  expect(ledgerKey('são-paulo')).not.toBe(ledgerKey('são-paulo'.normalize('NFD')));
});

test('a room without a name gets one that is derived from its key and that CreateRoom accepts', () => {
  expect(roomName({ name: 'mine' }, 'key')).toBe('mine');
  expect(roomName({}, 'key')).toBe(roomName({ name: '' }, 'key'));
  expect(roomName({}, 'key')).toBe(`greenroom-${ledgerKey('key').slice(0, 32)}`);
  expect(roomSchema.safeParse({ name: roomName({}, 'key') }).success).toBe(true);
});
