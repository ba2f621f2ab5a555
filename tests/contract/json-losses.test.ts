import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonLosses } from '../../lib/contract/json-losses.ts';

const paths = (json: string) => jsonLosses(json).map(({ path }) => path);

test.each([
  ['{"a":1,"a":1}', ['a']],
  ['{"a":1,"\\u0061":2}', ['a']],
  ['{"a" :1, "a"\n: 2}', ['a']],
  ['{"a":{"b":1},"c":{"b":1}}', []],
  ['[{"a":1},{"a":1}]', []],
  ['[0,{"a":[{"b":1,"b":2}]}]', ['[1].a[0].b']],
  ['{"a":"x\\",\\"a\\":1"}', []],
  ['{"two words":1,"two words":2}', ['["two words"]']],
  ['{"__proto__":1,"__proto__":2}', ['__proto__']],
  ['{"n":9007199254740992}', []],
  ['{"n":9007199254740993}', ['n']],
  ['[-12345678901234567890,"12345678901234567890"]', ['[0]']],
  ['[1e400,1e300,0.1,12345678901.25,100000000000000000000]', ['[0]']],
])('the losses of %j are found', (json, expected) => {
  expect(paths(json)).toEqual(expected);
});

test('JSON that a program writes has no losses, unless it contains a whole number that is too long', () => {
  const property = fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 2 }), (value, indent) => {
    const json = JSON.stringify(value, null, indent);
    expect(jsonLosses(json).filter(({ message }) => message.startsWith('appears'))).toEqual([]);
  });
  fc.assert(property, { numRuns: 500 });
});

test('a member that is written twice is found in any object', () => {
  const property = fc.property(fc.jsonValue(), fc.string(), fc.jsonValue(), (outer, name, inner) => {
    const member = `${JSON.stringify(name)}:${JSON.stringify(inner)}`;
    const json = `[${JSON.stringify(outer)},{${member},"other ${name.length}":1,${member}}]`;
    expect(jsonLosses(json)).toContainEqual(expect.objectContaining({ path: expect.stringMatching(/^\[1\]/) }));
  });
  fc.assert(property, { numRuns: 500 });
});

test('a long text is searched without a stack overflow', () => {
  expect(paths(`{"a":"${'\\"x'.repeat(400_000)}","a":1}`)).toEqual(['a']);
});
