import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_RECEIVES, PARKED_AFTER_MS } from '../../../lib/platform/retention.ts';
import { minWaitForReceivesMs } from '../../../lib/platform/waits.ts';
import { POSTPONE_REASONS } from '../../../lib/provisioning/postponement.ts';
import { receivesOfMix } from '../../support/count-receives.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Consecutive receives for one reason. At each of them, the end of the reason is `endsInMs` away, or unknown. */
const episode = fc.record({
  reason: fc.constantFrom(...POSTPONE_REASONS),
  receives: fc.integer({ min: 1, max: 40 }),
  endsInMs: fc.option(fc.oneof(fc.constant(0), fc.integer({ max: MINUTE }), fc.integer({ min: 0, max: 3 * HOUR })), {
    nil: undefined,
  }),
});
const mix = fc.record({
  episodes: fc.array(episode, { minLength: 1, maxLength: 12 }),
  neededByMs: fc.option(fc.integer({ min: 0, max: 7 * DAY }), { nil: undefined }),
  randoms: fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { minLength: 1, maxLength: 20 }),
});

test('for all reasons to wait, in any order, the receives of a request last until it is parked', () => {
  fc.assert(
    fc.property(mix, ({ episodes, neededByMs, randoms }) => {
      const turns = episodes.flatMap(({ receives, ...why }) => Array.from({ length: receives }, () => why));
      let drawn = 0;
      const count = receivesOfMix(
        (nowMs, received) => {
          const { reason, endsInMs } = turns[received % turns.length] ?? { reason: 'busy', endsInMs: undefined };
          return { reason, endsAtMs: endsInMs === undefined ? undefined : nowMs + endsInMs };
        },
        {
          parkedAfterMs: PARKED_AFTER_MS.lane,
          maxReceives: MAX_RECEIVES.lane,
          neededByMs,
          random: () => randoms[drawn++ % randoms.length] ?? 0,
        },
      );
      expect(count).toBeLessThanOrEqual(MAX_RECEIVES.lane);
    }),
    { numRuns: 300 },
  );
});

describe('a wait that saves receives', () => {
  const left = (count: number) => ({ count, parkedAtMs: 8 * DAY });

  test.each([
    ['is zero while the receives suffice', 220, 0, 0],
    ['is zero while an hour and five minutes each suffice', 189, 0, 0],
    ['begins when the receives do not suffice', 162, 0, (8 * DAY) / 160],
    ['is longer if fewer receives are left', 10, 7 * DAY, 3 * HOUR],
    ['is the whole time if no receive is to spare', 2, 7 * DAY, DAY],
    ['is the whole time if no receive is to spare, even if that is short', 2, 8 * DAY - MINUTE, MINUTE],
    ['is the whole time if no receive is left', -3, 7 * DAY, DAY],
    ['is zero when the message is due to be parked', 0, 8 * DAY, 0],
    ['is zero after that time', 0, 9 * DAY, 0],
  ])('%s', (_what, count, nowMs, waitMs) => {
    expect(minWaitForReceivesMs(left(count), { nowMs, neededByMs: undefined })).toBe(waitMs);
  });

  test('reserves ten more receives for the time before the room is needed, in which waits are short', () => {
    expect(minWaitForReceivesMs(left(18), { nowMs: 7 * DAY, neededByMs: 7 * DAY + 1 })).toBe(3 * HOUR);
    expect(minWaitForReceivesMs(left(18), { nowMs: 7 * DAY, neededByMs: 7 * DAY })).toBe(DAY / 16);
  });

  test('is zero for a message whose receives are not limited', () => {
    expect(minWaitForReceivesMs(undefined, { nowMs: 0, neededByMs: undefined })).toBe(0);
  });
});
