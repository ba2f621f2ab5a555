import type { Plugin } from 'esbuild';

const NAMESPACE = 'lazy';
const PACKAGE = /^(node:|@aws-sdk\/|@smithy\/)/;

/**
 * Loads a module of Node, or a package that is not bundled, when one of its exports is used for the first time. An import would load it when
 * the program starts: commander, for example, imports `node:child_process`, and needs it only for commands that are programs of their own.
 */
export const lazyImports: Plugin = {
  name: 'lazy-imports',
  setup(build) {
    build.onResolve({ filter: PACKAGE }, async ({ path, namespace }) => {
      const isWhole = namespace === NAMESPACE || typeof (await exportsOf(path)).default === 'function';
      return isWhole ? { path, external: true } : { path, namespace: NAMESPACE };
    });
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, async ({ path }) => {
      const names = Object.keys(await exportsOf(path)).filter(
        (name) => name !== 'default' && name !== 'module.exports',
      );
      const getters = names.map((name) => `get ${name}() { return load().${name}; }`);
      const load = `let loaded;\nconst load = () => (loaded ??= require(${JSON.stringify(path)}));`;
      return { contents: `${load}\nmodule.exports = { ${getters.join(', ')} };` };
    });
  },
};

async function exportsOf(path: string): Promise<Record<string, unknown>> {
  return import(path);
}
