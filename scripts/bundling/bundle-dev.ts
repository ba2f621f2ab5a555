import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { CLI_BUILD } from './bundle-cli.ts';
import { licensesOf } from './licenses.ts';

/** The only file that loads modules whose names it computes. */
const DYNALITE = join('emulator', 'dynamodb', 'dynalite.ts');
const NAMESPACE = 'dynalite';

/** Replaces `createRequire` in the emulator of DynamoDB, because esbuild does not follow its calls. The bundle contains every file of dynalite. */
const dynaliteFiles: Plugin = {
  name: 'dynalite-files',
  setup(build) {
    build.onResolve({ filter: /^node:module$/ }, ({ path, importer }) =>
      importer === resolve(DYNALITE) ? { path, namespace: NAMESPACE } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, () => {
      const files = globSync('{db,validations,actions}/*.js', { cwd: join('node_modules', 'dynalite') });
      const names = files.map((file) => `dynalite/${file.replaceAll('\\', '/').replace(/(\/index)?\.js$/, '')}`);
      const loaders = names.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)})`);
      return {
        contents: `const loaders = { ${loaders.join(', ')} };\nexport const createRequire = () => (name) => loaders[name]();`,
        resolveDir: resolve(),
      };
    });
  },
};

/** Loads `classic-level`, which has a part that is not JavaScript, only when data is kept in a directory. It is installed with the package. */
const levelWhenNeeded: Plugin = {
  name: 'level-when-needed',
  setup(build) {
    build.onResolve({ filter: /^level$/ }, () => ({
      path: join(import.meta.dirname, 'replacements', 'level-when-needed.ts'),
    }));
  },
};

/**
 * Builds the program of `greenroom dev`: the embedded stack in one file, and the runtime of its functions in another.
 * @param functions what the bundles of the functions contain, because the package includes them too
 */
export async function bundleDev(outdir: string, functions: readonly Metafile[]): Promise<void> {
  const { metafile } = await build({
    ...CLI_BUILD,
    entryPoints: { dev: join('local', 'dev', 'dev.ts'), runtime: join('emulator', 'lambda', 'runtime.ts') },
    outdir,
    // The emulator contains packages that are not ES modules. As in Node, they must get the CommonJS files of their dependencies: dynalite
    // calls `require('big.js')`, and the ES module of big.js exports something else.
    mainFields: ['main', 'module'],
    conditions: [],
    external: ['classic-level'],
    // A function may be an ES module.
    supported: { 'dynamic-import': true },
    plugins: [dynaliteFiles, levelWhenNeeded, ...CLI_BUILD.plugins],
    // A CommonJS file has no `import.meta`.
    define: {
      'import.meta.url': 'bundleUrl',
      'import.meta.filename': '__filename',
      'import.meta.dirname': '__dirname',
    },
    banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    metafile: true,
  });
  await Promise.all([
    // The package declares that its files are ES modules, but these files are not.
    writeFile(join(outdir, 'package.json'), '{ "type": "commonjs" }\n'),
    writeFile(join(outdir, 'LICENSES'), await licensesOf([metafile, ...functions])),
  ]);
}
