import jestConfig from './jest.config.js';

const { globalSetup: _packages, globalTeardown: _removes, ...shared } = jestConfig;

/**
 * The inner loop: tests in this process, on services in memory and a virtual clock. They start no stack and no process, and need no
 * package.
 */
export default {
  ...shared,
  testMatch: [
    '<rootDir>/tests/*/{unit,handling}/**/*.test.ts',
    '<rootDir>/tests/{client,contract,ledger,pace}/**/*.test.ts',
  ],
};
