import jestConfig from './jest.config.js';

const { globalSetup: _packages, reporters: _reporters, ...shared } = jestConfig;

/**
 * The tests that mutants meet: those that run in this process, and but for the bulk jobs' without waiting for the real clock.
 * Nothing of them needs the packaged template.
 */
export default {
  ...shared,
  testMatch: [
    '<rootDir>/tests/{platform,provisioning,sweeping}/{unit,handling,simulation}/**/*.test.ts',
    // Their simulations play days, and every mutant that survives the other tests would run all of them.
    '<rootDir>/tests/{rosters,bulk,live-events,compatibility}/{unit,handling}/**/*.test.ts',
    '<rootDir>/tests/{ledger,pace,client}/**/*.test.ts',
    '<rootDir>/tests/{rosters,bulk,compatibility}/stack/**/*.test.ts',
    '<rootDir>/tests/mutation/*.mutation.ts',
  ],
  // They play a whole manifest for each of a reader's calls: minutes, for every mutant that survives the others.
  testPathIgnorePatterns: ['/node_modules/', 'interrupted-readers\\.test\\.ts$'],
  testEnvironment: './tests/mutation/first-failure-environment.js',
  runner: './tests/mutation/first-failure-runner.js',
  testSequencer: './tests/mutation/quick-first-sequencer.js',
};
