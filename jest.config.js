/** Jest runs TypeScript as ES modules. esbuild removes the types, and `npm run check:types` checks them. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tests/support/esbuild-transform.js' },
  // Jest would load the ES modules of these packages, which do not get globals as parameters (see below).
  moduleNameMapper: {
    '^zod$': '<rootDir>/node_modules/zod/index.cjs',
    '^csv-parse$': '<rootDir>/node_modules/csv-parse/dist/cjs/index.cjs',
    '^csv-parse/sync$': '<rootDir>/node_modules/csv-parse/dist/cjs/sync.cjs',
  },
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  globalTeardown: '<rootDir>/tests/support/global-teardown.ts',
  testSequencer: '<rootDir>/tests/support/slow-first-sequencer.js',
  reporters: ['default', '<rootDir>/tests/support/count-reporter.js'],
  // Most tests wait more than they compute. On two processors, Jest runs one file at a time by default.
  maxWorkers: 4,
  testTimeout: 30_000,
  // Jest runs tests in a context of Node's vm, in which lookups of globals are slow: the SDK spent half of its time on looking up `Array`.
  // CommonJS modules get these globals as parameters instead.
  sandboxInjectedGlobals: ['Array', 'Object', 'Number', 'String', 'Math', 'JSON'],
};
