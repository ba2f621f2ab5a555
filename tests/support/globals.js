/**
 * `@jest/globals` of the test files. The runner does not end a test that hangs, so each test and hook has a time limit here.
 */
const { describe, expect, jest } = globalThis;

const LIMIT_MS = 30_000;

export { describe, expect, jest };
export const test = Object.assign(limitEach(globalThis.test), {
  each: limitTable(globalThis.test.each),
  skip: Object.assign(limitEach(globalThis.test.skip), { each: limitTable(globalThis.test.skip.each) }),
});
export const beforeAll = limitHook(globalThis.beforeAll);
export const afterAll = limitHook(globalThis.afterAll);
export const beforeEach = limitHook(globalThis.beforeEach);
export const afterEach = limitHook(globalThis.afterEach);

// Without workers, Jest itself would end with the exit code that the last test file has set.
globalThis.afterAll(() => {
  process.exitCode = undefined;
});

function limitEach(register) {
  return (title, run, limitMs) => register(title, withLimit(run, limitMs));
}

function limitTable(each) {
  return (...table) => {
    const register = each(...table);
    return (title, run, limitMs) => register(title, withLimit(run, limitMs));
  };
}

function limitHook(register) {
  return (run, limitMs) => register(withLimit(run, limitMs));
}

function withLimit(run, limitMs = LIMIT_MS) {
  return async (...row) => {
    const { promise: late, reject } = Promise.withResolvers();
    const timer = setTimeout(() => reject(new Error(`The test did not end within ${limitMs / 1000} seconds`)), limitMs);
    try {
      await Promise.race([run(...row), late]);
    } finally {
      clearTimeout(timer);
    }
  };
}
