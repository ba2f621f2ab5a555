/** Jest runs TypeScript as ES modules; esbuild takes the types off, `npm run check:types` is what checks them. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tests/support/esbuild-transform.js' },
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  reporters: ['default', '<rootDir>/tests/support/count-reporter.js'],
  // Most of them wait more than they work; Jest's own choice on two processors is one at a time.
  maxWorkers: 2,
  testTimeout: 30_000,
};
