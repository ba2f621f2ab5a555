import jestConfig from './jest.config.js';

const { globalSetup: _packages, globalTeardown: _removes, reporters: _reporters, ...shared } = jestConfig;

/**
 * The tests that are run on mutants. They run in this process and, except those of bulk jobs, do not wait for the real clock.
 * None of them needs the packaged template.
 */
export default {
  ...shared,
  testMatch: [
    '<rootDir>/tests/{platform,provisioning,sweeping}/{unit,handling,simulation}/**/*.test.ts',
    // The simulations of these directories take long, and every mutant that survives the other tests would run all of them.
    '<rootDir>/tests/{rosters,bulk,live-events,compatibility}/{unit,handling}/**/*.test.ts',
    '<rootDir>/tests/{ledger,pace,client}/**/*.test.ts',
    '<rootDir>/tests/{rosters,bulk,compatibility}/stack/**/*.test.ts',
    '<rootDir>/tests/mutation/*.mutation.ts',
  ],
  // These tests read a whole manifest for each call of a reader, which takes minutes for every mutant that survives the other tests.
  testPathIgnorePatterns: ['/node_modules/', 'interrupted-readers\\.test\\.ts$'],
  testEnvironment: './tests/mutation/first-failure-environment.js',
  runner: './tests/mutation/first-failure-runner.js',
  testSequencer: './tests/mutation/quick-first-sequencer.js',
};
