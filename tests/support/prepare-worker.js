import { registerHooks } from 'node:module';

/**
 * Runs once in every process of the test runner, before the first test file (`setupFiles` in jest.config.js).
 *
 * A process runs many test files, and loads the packages only once. Each test file begins with the environment of the run, and gets its own
 * copies of the project's modules: a module that reads the environment when it is loaded would otherwise see that of an earlier file.
 */
const PROJECT = new URL('../../', import.meta.url).href;
const PACKAGES = new URL('node_modules/', PROJECT).href;
const GLOBALS = new URL('globals.js', import.meta.url).href;

const environment = { ...process.env };
const directory = process.cwd();
let current;

registerHooks({
  resolve(specifier, { parentURL, ...context }, nextResolve) {
    const copy = parentURL?.startsWith(PROJECT) ? new URL(parentURL).search : '';
    if (specifier === '@jest/globals') return { url: GLOBALS + beginFile(copy), shortCircuit: true };
    const resolved = nextResolve(specifier, { parentURL, ...context });
    const { url } = resolved;
    const isOurs = url.startsWith(PROJECT) && !url.startsWith(PACKAGES) && !url.includes('?');
    // The runner loads each test file under an address of its own. The modules that a file imports inherit the end of the address.
    return isOurs ? { ...resolved, url: url + copy } : resolved;
  },
});

/** Restores what an earlier test file may have changed in this process. */
function beginFile(copy) {
  if (copy !== '' && copy !== current) {
    current = copy;
    process.env = { ...environment };
    process.chdir(directory);
    process.exitCode = undefined;
  }
  return copy;
}
