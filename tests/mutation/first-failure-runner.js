import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import TestRunner from 'jest-runner';

/** A file in the sandbox of Stryker. The first run, which has no mutant, writes it. */
const TEST_NAMES = '.stryker-test-names.json';

/** The test files that have killed mutants, the latest one first, because the same tests mostly kill neighbouring mutants. */
let killers = [];

/**
 * Skips tests that a mutant does not need. A run ends after the first file that fails (Stryker turns off Jest's `bail`), and files
 * without requested tests are not loaded (Stryker selects tests only by their names).
 */
export default class FirstFailureRunner extends TestRunner {
  async runTests(tests, watcher, options) {
    const namesByFile = {};
    let failed = false;
    const noteFailure = (path) => {
      failed = true;
      if (!isSimulation(path)) killers = [path, ...killers.filter((each) => each !== path)];
    };
    this.on('test-file-failure', ([{ path }]) => noteFailure(path));
    this.on('test-file-success', ([{ path }, { numFailingTests, testResults }]) => {
      namesByFile[path] = testResults.map(({ fullName }) => fullName);
      if (numFailingTests > 0) noteFailure(path);
    });
    for (const test of killersFirst(this.#askedFor(tests))) {
      if (!failed) await super.runTests([test], watcher, options);
    }
    if (isFirstRun()) writeFileSync(TEST_NAMES, JSON.stringify(namesByFile));
  }

  #askedFor(tests) {
    const { testNamePattern } = this._globalConfig;
    if (!testNamePattern || !existsSync(TEST_NAMES)) return tests;
    const pattern = new RegExp(testNamePattern, 'i');
    const namesByFile = JSON.parse(readFileSync(TEST_NAMES, 'utf8'));
    return tests.filter(({ path }) => namesByFile[path]?.some((name) => pattern.test(name)) ?? true);
  }
}

function killersFirst(tests) {
  const rank = ({ path }) => {
    const place = killers.indexOf(path);
    if (isSimulation(path)) return Number.POSITIVE_INFINITY;
    return place === -1 ? killers.length : place;
  };
  return tests.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
}

function isSimulation(path) {
  return path.endsWith('.mutation.ts');
}

function isFirstRun() {
  const { STRYKER_MUTATOR_WORKER, __STRYKER_ACTIVE_MUTANT__: mutant } = process.env;
  return STRYKER_MUTATOR_WORKER !== undefined && mutant === undefined;
}
