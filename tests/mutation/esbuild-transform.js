import { transformSync } from 'esbuild';

/** Globals that are looked up once per module instead of at every use (`sandboxInjectedGlobals` in jest.config.js). */
const GLOBALS = 'const { Array, Object, Number, String, Math, JSON, Buffer } = globalThis;';

/** A Jest transformer that removes types, keeps modules unchanged, and adds inline source maps so that stack traces name the source. */
export default {
  process(sourceText, sourcePath) {
    const { code } = transformSync(sourceText, {
      loader: 'ts',
      format: 'esm',
      target: 'node22',
      sourcefile: sourcePath,
      sourcemap: 'inline',
      banner: GLOBALS,
    });
    return { code };
  },
};
