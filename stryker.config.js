/**
 * Coverage shows that tests execute the code. Mutation shows that they would fail if the code were wrong.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: [
    'lib/{ledger,pace,provisioning,rosters,bulk,live-events}/**/*.ts',
    'lib/platform/{backoff,deadline,incoming-record,park,postpone,publish-event,transact,update-expression,wait-or-park,waits}.ts',
    // These files are built from the environment of a deployed function, and are covered by the tests on the packaged stack.
    '!lib/*/*-services.ts',
  ],
  testRunner: 'jest',
  // Jest needs this to run ES modules in Node's vm.
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  // Jest finds the tests that import a file directly. The tests of rosters import their handlers through a helper at run time, so mutants
  // would survive without being tested.
  jest: { configFile: 'jest.mutation.config.js', enableFindRelatedTests: false },
  // Stryker would rewrite the paths in tsconfig.json with an API that TypeScript 7 does not have. A run does not read the file.
  tsconfigFile: 'tsconfig.unused.json',
  coverageAnalysis: 'perTest',
  // The tests of bulk jobs use the real clock, and one test cuts off the reader at every call.
  dryRunTimeoutMinutes: 30,
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  reporters: ['progress', 'clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
  warnings: { slow: false },
  thresholds: { high: 95, low: 85, break: 85 },
  concurrency: 2,
  // A simulation is slow on a busy machine, and a mutant that survives must not count as a timeout.
  timeoutMS: 60_000,
  plugins: ['@stryker-mutator/jest-runner', './tests/mutation/text-ignorer.js', './tests/mutation/sample-ignorer.js'],
  ignorers: ['texts', 'sample'],
};
