import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { problemsOf } from '../../lib/contract/problems.ts';
import { provisionedRoomSchema, roomSchema } from '../../lib/contract/room.ts';

const memberSchema = z.object({
  type: z.enum(['string', 'integer', 'structure', 'map', 'list', 'timestamp']),
  min: z.int().optional(),
  max: z.int().optional(),
  pattern: z.string().optional(),
  enum: z.array(z.string()).optional(),
  get members() {
    return z.record(z.string(), memberSchema).optional();
  },
  get key() {
    return memberSchema.optional();
  },
  get value() {
    return memberSchema.optional();
  },
  get item() {
    return memberSchema.optional();
  },
});
type Member = z.infer<typeof memberSchema>;

const model = z
  .object({ operations: z.object({ CreateRoom: z.object({ input: memberSchema, output: memberSchema }) }) })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../emulator/ivschat/api.json'), 'utf8')));
const { input, output } = model.operations.CreateRoom;

/** Strings of a given length that match a pattern of the model, each with its shortest length. `extra` does not match. */
const TEXTS: Record<string, { prefix: string; extra: string }> = {
  '[a-zA-Z0-9-_]*': { prefix: '', extra: ' ' },
  '$|^arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:.+.*': {
    prefix: 'arn:aws:lambda:eu-west-1:123456789012:function:',
    extra: '\n',
  },
  'arn:aws:ivschat:[a-z0-9-]+:[0-9]+:logging-configuration/[a-zA-Z0-9-]+': {
    prefix: 'arn:aws:ivschat:eu-west-1:123456789012:logging-configuration/',
    extra: '_',
  },
};

interface Case {
  path: string;
  what: string;
  value: unknown;
  accepted: boolean;
}

// In two places the contract accepts less than the service: greenroom needs three tags, and reserves some keys.
const MAX_TAGS = 47;

/** For each constraint of a member, a value just inside it and one just outside. */
function casesOf(path: string, member: Member): Case[] {
  const inside = (what: string, value: unknown): Case => ({ path, what, value, accepted: true });
  const outside = (what: string, value: unknown): Case => ({ path, what, value, accepted: false });
  const min = member.min ?? 0;
  const max = member.max ?? 0;
  switch (member.type) {
    case 'integer':
      return [
        inside('least', min),
        outside('below the minimum', min - 1),
        inside('most', max),
        outside('above the maximum', max + 1),
        outside('a fraction', min + 0.5),
        outside('a number as text', String(min)),
        outside('null', null),
      ];
    case 'string':
      return [...stringCases(member, inside, outside), outside('a number', 5), outside('null', null)];
    case 'list':
      return [
        inside('no item', []),
        inside('most items', Array(max).fill(sample(member.item))),
        outside('an item more', Array(max + 1).fill(sample(member.item))),
        outside('an object', {}),
        ...nested(member.item, (value) => [value], path),
      ];
    case 'map':
      return [
        inside('no entry', {}),
        inside('most entries', entries(MAX_TAGS)),
        outside('an entry more', entries(MAX_TAGS + 1)),
        outside('as many as the service accepts', entries(max)),
        outside('a list', []),
        ...nested(member.key, (key) => ({ [String(key)]: 'v' }), `${path} key`).filter(
          ({ what }) => !/number|null/.test(what),
        ),
        ...nested(member.value, (value) => ({ k: value }), `${path} value`),
      ];
    case 'structure':
      return [
        inside('empty', {}),
        outside('a list', []),
        outside('an unknown member', { surprise: 1 }),
        ...Object.entries(member.members ?? {}).flatMap(([name, inner]) =>
          nested(inner, (value) => ({ [name]: value }), `${path}.${name}`),
        ),
      ];
    case 'timestamp':
      throw new Error('CreateRoom takes no times');
  }
}

function stringCases(
  member: Member,
  inside: (what: string, value: unknown) => Case,
  outside: (what: string, value: unknown) => Case,
): Case[] {
  if (member.enum !== undefined) {
    return [...member.enum.map((value) => inside(value, value)), outside('lower case', member.enum[0]?.toLowerCase())];
  }
  const { min = 0, max = 0, pattern } = member;
  const cases = [inside('longest', fitting(pattern, max)), outside('too long', fitting(pattern, max + 1))];
  cases.push(min === 0 ? inside('empty', '') : outside('empty', ''));
  if (pattern === undefined) {
    // 𝒳 is one letter with two UTF-16 code units.
    cases.push(
      inside('longest, in code points', '𝒳'.repeat(max)),
      outside('a code point too long', '𝒳'.repeat(max + 1)),
    );
    cases.push(outside('a character that tags may not contain', 'a,b'), outside('half a surrogate pair', '\ud835'));
  } else {
    cases.push(outside('a character that does not fit', `${fitting(pattern, max - 1)}${TEXTS[pattern]?.extra}`));
    cases.push(outside('something before it', ` ${fitting(pattern, max - 1)}`));
  }
  return cases;
}

function nested(member: Member | undefined, wrap: (value: unknown) => unknown, path: string): Case[] {
  return member === undefined ? [] : casesOf(path, member).map((inner) => ({ ...inner, value: wrap(inner.value) }));
}

function fitting(pattern: string | undefined, length: number): string {
  const text = pattern === undefined ? { prefix: '' } : TEXTS[pattern];
  if (text === undefined) throw new Error(`no text is known for the pattern ${pattern}`);
  return text.prefix.padEnd(length, 'x');
}

function sample(member: Member | undefined): string {
  return fitting(member?.pattern, member?.max ?? 1);
}

function entries(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, 'value']));
}

const cases = casesOf('room', input);

test('the cases cover every member of CreateRoom and every kind of constraint', () => {
  expect(cases.length).toBeGreaterThan(60);
  expect(Object.keys(roomSchema.shape).sort()).toEqual(Object.keys(input.members ?? {}).sort());
  expect(Object.keys(provisionedRoomSchema.shape).sort()).toEqual(Object.keys(output.members ?? {}).sort());
});

test.each(cases.filter(({ accepted }) => accepted))('$path: $what is accepted', ({ value }) => {
  const result = roomSchema.safeParse(value);
  expect(result.error === undefined ? [] : problemsOf(result.error, roomSchema)).toEqual([]);
  expect(result.data).toEqual(value);
});

test.each(cases.filter(({ accepted }) => !accepted))('$path: $what is refused', ({ value }) => {
  expect(roomSchema.safeParse(value).success).toBe(false);
});

describe('tags', () => {
  test.each(['aws:cloudformation', 'AWS:x', 'aWs:', 'greenroom:key', 'greenroom:'])('the key %s is reserved', (key) => {
    expect(roomSchema.safeParse({ tags: { [key]: 'v' } }).success).toBe(false);
  });

  test.each(['awsome', 'aws', 'Greenroom:x', 'x-aws:y', 'a b', 'é_.:/=+-@1', 'クラブ'])(
    'the key %s is not reserved',
    (key) => {
      expect(roomSchema.safeParse({ tags: { [key]: 'v' } }).success).toBe(true);
    },
  );

  test('a refusal of too many says that greenroom uses three of the 50', () => {
    const { error } = roomSchema.safeParse({ tags: entries(48) });
    expect(error && problemsOf(error, roomSchema)).toEqual([
      { path: 'tags', message: 'may have at most 47 tags: greenroom uses three of the 50' },
    ]);
  });
});

describe('names that every object inherits', () => {
  const text = '{"__proto__":"a","constructor":"b","hasOwnProperty":"c","toString":"d"}';

  test('can be keys of tags, except the one that the SDK does not send', () => {
    const sendable = '{"constructor":"b","hasOwnProperty":"c","toString":"d"}';
    const tags = roomSchema.parse({ tags: JSON.parse(sendable) }).tags ?? {};
    expect(JSON.stringify(tags)).toBe(sendable);
    expect(Object.getPrototypeOf(tags)).toBe(Object.prototype);
    const { error } = roomSchema.safeParse({ tags: JSON.parse(text) });
    expect(error && problemsOf(error, roomSchema)).toEqual([
      { path: 'tags.__proto__', message: 'key is "__proto__", which cannot be sent: rename it' },
    ]);
  });

  test('are checked as keys of tags', () => {
    const { error } = roomSchema.safeParse({ tags: JSON.parse('{"__proto__":{"polluted":"yes"},"constructor":1}') });
    expect(new Set(error && problemsOf(error, roomSchema).map(({ path }) => path))).toEqual(
      new Set(['tags.__proto__', 'tags.constructor']),
    );
    expect('polluted' in {}).toBe(false);
  });

  test('are unknown fields in a room', () => {
    const { error } = roomSchema.safeParse(JSON.parse(text));
    expect(error && problemsOf(error, roomSchema).map(({ path }) => path)).toEqual([
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'toString',
    ]);
  });

  test('do not give a room inherited fields', () => {
    expect(roomSchema.safeParse(JSON.parse('{"__proto__":{"name":"inherited"}}')).success).toBe(false);
  });
});

test('a response may have members that a later service model adds, and must have the ARN', () => {
  const room = { arn: 'arn:aws:ivschat:eu-west-1:123456789012:room/abcdefghijkl', moderation: { level: 2 } };
  expect(provisionedRoomSchema.parse(room)).toEqual(room);
  expect(provisionedRoomSchema.safeParse({ id: 'abcdefghijkl' }).success).toBe(false);
});

test.each([
  ['100', 'must be a whole number from 1 to 100, without quotes'],
  ['fast', 'must be a whole number from 1 to 100'],
  [101, 'must be a whole number from 1 to 100'],
])('a rate of %j is refused, and the problem says why', (maximumMessageRatePerSecond, message) => {
  const { error } = roomSchema.safeParse({ maximumMessageRatePerSecond });
  expect(error && problemsOf(error, roomSchema)).toEqual([{ path: 'maximumMessageRatePerSecond', message }]);
});
