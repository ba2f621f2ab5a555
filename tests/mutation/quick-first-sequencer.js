import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import TestSequencer from '@jest/test-sequencer';

/** Directories, from the quickest to the slowest. */
const ORDER = ['unit', 'client', 'ledger', 'pace', 'handling', 'stack', 'simulation', 'mutation'];

/** Runs pure functions before the simulation and small files before large ones, because quick tests kill most mutants. */
export default class QuickFirstSequencer extends TestSequencer {
  sort(tests) {
    const kind = ({ path }) => ORDER.indexOf(basename(dirname(path)));
    const size = ({ path }) => statSync(path).size;
    return [...tests].sort((a, b) => kind(a) - kind(b) || size(a) - size(b));
  }
}
