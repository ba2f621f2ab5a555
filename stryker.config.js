/**
 * Coverage shows that tests execute the code; mutation shows that they would fail if it were wrong.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: [
    'lib/{ledger,pace,provisioning,rosters,bulk,live-events}/**/*.ts',
    'lib/platform/{backoff,deadline,incoming-record,park,postpone,publish-event,transact,update-expression,wait-or-park,waits}.ts',
    // Built from the environment of a deployed function: the tests on the packaged stack hold them.
    '!lib/*/*-services.ts',
  ],
  testRunner: 'jest',
  // Jest runs ES modules in Node's vm only with this.
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  // Related tests are those that import a file, as far as Jest can tell: the tests of rosters import their handlers through a helper, at run
  // time, and mutants would survive that no test had met.
  jest: { configFile: 'jest.mutation.config.js', enableFindRelatedTests: false },
  // Stryker would rewrite the paths in it by way of an API that TypeScript 7 does not have; nothing in a run reads it.
  tsconfigFile: 'tsconfig.unused.json',
  coverageAnalysis: 'perTest',
  // Bulk jobs are read by the real clock, and one test cuts their reader off at every call.
  dryRunTimeoutMinutes: 30,
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  reporters: ['progress', 'clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
  warnings: { slow: false },
  thresholds: { high: 95, low: 85, break: 85 },
  concurrency: 2,
  // A simulation takes its time on a busy machine, and a mutant that survives must not pass for one that hangs.
  timeoutMS: 60_000,
  plugins: ['@stryker-mutator/jest-runner', './tests/mutation/text-ignorer.js', './tests/mutation/sample-ignorer.js'],
  ignorers: ['texts', 'sample'],
};
