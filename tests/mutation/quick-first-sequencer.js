import { statSync } from 'node:fs';
import TestSequencer from '@jest/test-sequencer';

/** Small files first, the simulation last: most mutants die before, in a moment. */
export default class QuickFirstSequencer extends TestSequencer {
  sort(tests) {
    const effort = ({ path }) => (path.endsWith('.mutation.ts') ? Number.POSITIVE_INFINITY : statSync(path).size);
    return [...tests].sort((a, b) => effort(a) - effort(b));
  }
}
