import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KEEP_MS, outranks, releaseAtText, type Wish } from '../../lib/contract/release-wish.ts';

// Few moments, so that many wishes were made at the same one.
const moments = fc.integer({ min: 0, max: 3 });
const wishes: fc.Arbitrary<Wish> = fc.record({
  wishedAtMs: moments,
  releaseAtMs: fc.oneof(moments, fc.constant(KEEP_MS)),
});

/** The wish that an item stores after it received these wishes in this order (rule RANK). */
const stored = (arriving: readonly Wish[]) =>
  arriving.reduce<Wish | undefined>((kept, wish) => (outranks(wish, kept) ? wish : kept), undefined);

describe('of several wishes', () => {
  test('the same one wins, in whatever order they arrive and however often', () => {
    const ordersAndCopies = fc.array(wishes, { minLength: 1, maxLength: 6 }).chain((all) =>
      fc.record({
        all: fc.constant(all),
        others: fc
          .array(fc.constantFrom(...all), { maxLength: 6 })
          .chain((copies) => fc.shuffledSubarray([...all, ...copies], { minLength: all.length + copies.length })),
      }),
    );
    fc.assert(
      fc.property(ordersAndCopies, ({ all, others }) => {
        expect(stored(others)).toEqual(stored(all));
      }),
    );
  });

  test('the one that was made last wins, whatever its release time', () => {
    expect(outranks({ wishedAtMs: 2, releaseAtMs: 5 }, { wishedAtMs: 1, releaseAtMs: KEEP_MS })).toBe(true);
    expect(outranks({ wishedAtMs: 1, releaseAtMs: KEEP_MS }, { wishedAtMs: 2, releaseAtMs: 5 })).toBe(false);
  });

  test('of one moment, the later release wins, and "keep" wins over any time', () => {
    const at = (releaseAtMs: number) => ({ wishedAtMs: 1, releaseAtMs });
    expect(outranks(at(6), at(5))).toBe(true);
    expect(outranks(at(5), at(6))).toBe(false);
    expect(outranks(at(KEEP_MS), at(KEEP_MS - 1))).toBe(true);
  });

  test('an equal one does not win, but any wish wins over none', () => {
    fc.assert(fc.property(wishes, (wish) => !outranks(wish, { ...wish }) && outranks(wish, undefined)));
  });
});

test('a release time is written in UTC, and "keep" as null', () => {
  expect(releaseAtText(Date.parse('2026-12-18T23:00:00+01:00'))).toBe('2026-12-18T22:00:00.000Z');
  expect(new Date(KEEP_MS).toISOString()).toBe('9999-12-31T23:59:59.000Z');
  expect(releaseAtText(KEEP_MS)).toBeNull();
  expect(releaseAtText(KEEP_MS - 1)).toBe('9999-12-31T23:59:58.999Z');
});
