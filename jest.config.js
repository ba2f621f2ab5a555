/** Jest runs TypeScript as ES modules; esbuild takes the types off, `npm run check:types` is what checks them. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tests/support/esbuild-transform.js' },
  // Of these packages, Jest would take the ES modules, which it gives no globals as parameters (below).
  moduleNameMapper: {
    '^zod$': '<rootDir>/node_modules/zod/index.cjs',
    '^csv-parse$': '<rootDir>/node_modules/csv-parse/dist/cjs/index.cjs',
    '^csv-parse/sync$': '<rootDir>/node_modules/csv-parse/dist/cjs/sync.cjs',
  },
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  testSequencer: '<rootDir>/tests/support/slow-first-sequencer.js',
  reporters: ['default', '<rootDir>/tests/support/count-reporter.js'],
  // Most of them wait more than they work; Jest's own choice on two processors is one file at a time. With three, slots of the quota are missed.
  maxWorkers: 2,
  testTimeout: 30_000,
  // Jest runs tests in a context of Node's vm, which looks up globals slowly: half of the SDK's time went into finding `Array`.
  // CommonJS modules get these as parameters instead.
  sandboxInjectedGlobals: ['Array', 'Object', 'Number', 'String', 'Math', 'JSON'],
};
