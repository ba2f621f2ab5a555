import TestSequencer from '@jest/test-sequencer';

const SLOW = /\/(simulation|stack)\//;

/**
 * Jest begins with the files that took longest. Where it has not run yet, as in CI, it takes the largest first, and a simulation of few
 * lines would run alone at the end: then simulations and stacks begin.
 */
export default class SlowFirstSequencer extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    return sorted.toSorted((a, b) => SLOW.test(b.path) - SLOW.test(a.path));
  }
}
