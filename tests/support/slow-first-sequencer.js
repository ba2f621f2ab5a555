import TestSequencer from '@jest/test-sequencer';

const SLOW = /\/(simulation|stack|browser)\//;

/**
 * Jest begins with the test files that took longest. If it has no durations, as in CI, it begins with the largest files, and a short file
 * with a long simulation would run alone at the end. In that case, simulations, stack tests and browser tests run first.
 */
export default class SlowFirstSequencer extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    return sorted.toSorted((a, b) => SLOW.test(b.path) - SLOW.test(a.path));
  }
}
