import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { markFormulas, unmarkFormulas } from '../../lib/contract/csv-formulas.ts';
import { formulasFound, textsWithFormulas } from '../support/formulas.ts';

const texts = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), textsWithFormulas());

describe('the text of a cell', () => {
  // https://owasp.org/www-community/attacks/CSV_Injection: "ensure that no cells begin with any of the following characters: Equals to (=),
  // Plus (+), Minus (-), At (@), Tab (0x09), Carriage return (0x0D), Line feed (0x0A)".
  test('never begins like a formula, whatever it contains', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(markFormulas(text)).not.toMatch(/^[=+\-@\t\r\n]/);
        // "You also need to take care of the field separator […] as attackers could use this to start a new cell."
        expect(formulasFound(markFormulas(text))).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  test('is restored exactly, even if it looks marked already', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(unmarkFormulas(markFormulas(text))).toBe(text);
        const twice = markFormulas(markFormulas(text));
        expect(unmarkFormulas(unmarkFormulas(twice))).toBe(text);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    ['=1+1', "'=1+1"],
    ["'=1+1", "''=1+1"],
    ['-', "'-"],
    ['\t', "'\t"],
    ['\r\n', "'\r\n"],
    ['a;=1', "a;'=1"],
    ["a;'@b", "a;''@b"],
    ['a\n+1', "a\n'+1"],
    ['=;=', "'=;'="],
  ])('%j is written as %j', (text, marked) => {
    expect(markFormulas(text)).toBe(marked);
    expect(unmarkFormulas(marked)).toBe(text);
  });

  test.each(["'tis", "'", "''", "a'=b", 'a=b', 'a;b', ' =x', 'a\r\nb', 'key-1', '1-2', 'a, -b'])(
    '%j is neither marked nor changed by a reader',
    (text) => {
      expect(markFormulas(text)).toBe(text);
      expect(unmarkFormulas(text)).toBe(text);
    },
  );

  test('is marked in linear time, even if it consists of apostrophes or separators', () => {
    for (const part of ["'", ';', "';", ";'"]) {
      const long = part.repeat(500_000);
      expect(unmarkFormulas(markFormulas(`${long}=`))).toBe(`${long}=`);
    }
  });
});

test.each(['=1', 'x;=1', 'x\n-1', '2,a,"x;@y"', "'a';=1"])(
  'control: the check in these tests finds the formula in %j',
  (text) => {
    expect(formulasFound(text)).not.toEqual([]);
  },
);
