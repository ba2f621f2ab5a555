import { transformSync } from 'esbuild';

/** A Jest transformer: types off, modules left as they are, source maps inline so that stack traces name the source. */
export default {
  process(sourceText, sourcePath) {
    const { code } = transformSync(sourceText, {
      loader: 'ts',
      format: 'esm',
      target: 'node22',
      sourcefile: sourcePath,
      sourcemap: 'inline',
    });
    return { code };
  },
};
