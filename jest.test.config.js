import jestConfig from './jest.config.js';

/** `npm test`: all tests except two slow kinds, the long simulations and the tests in a browser (docs/decisions/0070). */
export default {
  ...jestConfig,
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/tests/(.*/)?simulation/', '<rootDir>/tests/console/browser/'],
};
