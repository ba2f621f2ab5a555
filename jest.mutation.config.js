import jestConfig from './jest.config.js';

const {
  globalSetup: _packages,
  globalTeardown: _removes,
  reporters: _reporters,
  setupFiles: _setup,
  ...shared
} = jestConfig;

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
  testPathIgnorePatterns: [
    '/node_modules/',
    // This test reads a whole manifest for each call of a reader, which takes minutes for every mutant that survives the other tests.
    'interrupted-readers\\.test\\.ts$',
    // These tests read the packaged template. A package contains dist, which the copy of the project with the mutants does not have.
    'restored-(ledger|releases)\\.test\\.ts$',
  ],
  // Stryker needs Jest's own runner and environment, which run ES modules in Node's vm. esbuild removes the types.
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tests/mutation/esbuild-transform.js' },
  // Jest would load the ES modules of these packages, which do not get globals as parameters (see below).
  moduleNameMapper: {
    '^zod$': '<rootDir>/node_modules/zod/index.cjs',
    '^zod/mini$': '<rootDir>/node_modules/zod/mini/index.cjs',
    '^zod/v4/locales/en.js$': '<rootDir>/node_modules/zod/v4/locales/en.cjs',
    '^csv-parse$': '<rootDir>/node_modules/csv-parse/dist/cjs/index.cjs',
    '^csv-parse/sync$': '<rootDir>/node_modules/csv-parse/dist/cjs/sync.cjs',
  },
  // Lookups of globals are slow in a context of Node's vm: the SDK spent half of its time on looking up `Array`. CommonJS modules get these
  // globals as parameters instead.
  sandboxInjectedGlobals: ['Array', 'Object', 'Number', 'String', 'Math', 'JSON'],
  testTimeout: 30_000,
  testEnvironment: './tests/mutation/first-failure-environment.js',
  runner: './tests/mutation/first-failure-runner.js',
  testSequencer: './tests/mutation/quick-first-sequencer.js',
};
