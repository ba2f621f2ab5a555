/** Jest runs TypeScript as ES modules. Node removes the types, and `npm run check:types` checks them. */
export default {
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  // Jest's own runner gives every test file a virtual machine, in which the SDK runs at half the speed and is loaded again.
  runner: '<rootDir>/tests/support/light-runner.js',
  transform: {},
  setupFiles: ['<rootDir>/tests/support/prepare-worker.js'],
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  globalTeardown: '<rootDir>/tests/support/global-teardown.ts',
  testSequencer: '<rootDir>/tests/support/slow-first-sequencer.js',
  reporters: ['default', '<rootDir>/tests/support/count-reporter.js'],
  // Most tests wait more than they compute. On two processors, Jest runs one file at a time by default.
  maxWorkers: 4,
};
