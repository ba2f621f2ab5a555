import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

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
/** The code of each module without types. */
const codes = new Map();

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
  // Without this hook, Node would remove the types of a module again for each copy, which took a third of the time for loading.
  load(url, context, nextLoad) {
    const { protocol, pathname, search } = new URL(url);
    if (search === '' || !pathname.endsWith('.ts')) return nextLoad(url, context);
    return { format: 'module', source: withoutTypes(fileURLToPath(`${protocol}//${pathname}`)), shortCircuit: true };
  },
});

/** A module's code without types. Lines and columns stay the same. */
function withoutTypes(path) {
  const code = codes.get(path) ?? strip(readFileSync(path, 'utf8'));
  codes.set(path, code);
  return code;
}

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

/** Removes types, without Node's warning that this function of Node is experimental. Node itself uses the same code for every import. */
function strip(code) {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(code);
  } finally {
    process.emitWarning = emitWarning;
  }
}
