import jestConfig from './jest.config.js';

/** `npm test`: all tests except two kinds that take a third of the time, the long simulations and the tests in a browser. */
export default {
  ...jestConfig,
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/tests/(.*/)?simulation/', '<rootDir>/tests/console/browser/'],
};
