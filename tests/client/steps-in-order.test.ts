import { describe, expect, test } from '@jest/globals';
import { inOrderOfTime, type Step } from '../../client/describe/step.ts';

/** `5 a` is a step at 5, and `b` is one without a time. */
const steps = (...texts: string[]): Step[] =>
  texts.map((each) => {
    const [atMs = '', text] = each.split(' ');
    return text === undefined ? { text: atMs } : { atMs: Number(atMs), text };
  });

describe('steps in order of time', () => {
  test.each([
    [
      ['3 a', '1 b', '2 c'],
      ['1 b', '2 c', '3 a'],
    ],
    [
      ['claimed', '9 decided', 'published', '4 waited'],
      ['claimed', '4 waited', '9 decided', 'published'],
    ],
    [
      ['a', 'b', '1 c'],
      ['a', 'b', '1 c'],
    ],
    [
      ['1 a', '1 b'],
      ['1 a', '1 b'],
    ],
    [[], []],
  ])('%j is %j', (given, expected) => {
    expect(inOrderOfTime(steps(...given))).toEqual(steps(...expected));
  });
});
