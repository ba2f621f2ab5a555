import { expect, test } from '@jest/globals';
import { nearest } from '../../lib/contract/nearest.ts';

test.each<[string, string[], string | undefined]>([
  ['a name that differs in two letters, however short it is', ['axy'], 'axy'],
  ['no short name that differs in three letters', ['xyz'], undefined],
  ['a name that lacks a letter', ['bc'], 'bc'],
  ['a name that has one letter more', ['abcd'], 'abcd'],
  ['the same name in another case', ['ABC'], 'ABC'],
  ['the nearest of several names', ['axy', 'abx', 'xbz'], 'abx'],
  ['the first of several equally near names', ['abx', 'xbc'], 'abx'],
  ['nothing, without candidates', [], undefined],
])('the suggestion for "abc" is %s', (_what, candidates, meant) => {
  expect(nearest('abc', candidates)).toBe(meant);
});

test.each<[string, string, boolean]>([
  ['abcdefg', 'abcdxyz', true],
  ['abcdefg', 'abcwxyz', false],
  ['abcdef', 'abcxyz', false],
  ['sitting', 'kitten', true],
  ['saturdays', 'sundays', true],
  ['xyzabc', 'abc', false],
  ['abcxyz', 'abc', false],
  ['abc', 'xyzabc', false],
  ['abc', 'abcxyz', false],
  ['loggingConfigurationIds', 'loggingConfigurationIdentifiers', true],
])('a third of the letters of %s may be wrong: whether it suggests %s is %s', (word, candidate, isMeant) => {
  expect(nearest(word, [candidate]) === candidate).toBe(isMeant);
});
