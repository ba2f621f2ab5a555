import { transformSync } from 'esbuild';

/** Looked up once per module instead of at every use (`sandboxInjectedGlobals` in jest.config.js). */
const GLOBALS = 'const { Array, Object, Number, String, Math, JSON, Buffer } = globalThis;';

/** A Jest transformer: types off, modules left as they are, source maps inline so that stack traces name the source. */
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
