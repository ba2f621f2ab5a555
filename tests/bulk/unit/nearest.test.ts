import { expect, test } from '@jest/globals';
import { nearest } from '../../../lib/bulk/nearest.ts';

test.each<[string, string[], string | undefined]>([
  ['two letters off, however short it is', ['axy'], 'axy'],
  ['not three letters off, if it is short', ['xyz'], undefined],
  ['a letter missing', ['bc'], 'bc'],
  ['a letter too many', ['abcd'], 'abcd'],
  ['in other letters of the alphabet’s two cases', ['ABC'], 'ABC'],
  ['the nearest of several', ['axy', 'abx', 'xbz'], 'abx'],
  ['the first of equally near ones', ['abx', 'xbc'], 'abx'],
  ['nothing of nothing', [], undefined],
])('what may be meant by "abc": %s', (_what, candidates, meant) => {
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
])('a third of the letters of %s may be wrong, and so it means %s: %s', (word, candidate, isMeant) => {
  expect(nearest(word, [candidate]) === candidate).toBe(isMeant);
});
