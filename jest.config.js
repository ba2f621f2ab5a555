/** Jest runs TypeScript as ES modules; esbuild takes the types off, `npm run check:types` is what checks them. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tests/support/esbuild-transform.js' },
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  testSequencer: '<rootDir>/tests/support/slow-first-sequencer.js',
  reporters: ['default', '<rootDir>/tests/support/count-reporter.js'],
  // Most of them wait more than they work; Jest's own choice on two processors is one at a time.
  maxWorkers: 2,
  testTimeout: 30_000,
  // Jest runs tests in a context of Node's vm, which looks up globals slowly: half of the SDK's time went into finding `Array`.
  // CommonJS modules get these as parameters instead.
  sandboxInjectedGlobals: ['Array', 'Object', 'Number', 'String', 'Math', 'JSON'],
};
