import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import TestRunner from 'jest-runner';

/** In the sandbox that Stryker runs in; the first run, without a mutant, writes it. */
const TEST_NAMES = '.stryker-test-names.json';

/** Test files in which mutants have died, the last one first: neighbouring mutants mostly die of the same tests. */
let killers = [];

/**
 * Spares a mutant what it need not meet. A run ends with the first file that fails (Stryker switches Jest's `bail` off), and
 * files of which no test is asked for are not loaded (Stryker tells the tests by their names alone).
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
