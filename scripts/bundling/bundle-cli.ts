import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { lazyImports } from './lazy-imports.ts';
import { licensesOf } from './licenses.ts';

/**
 * The build of the command line, for Node 22 and later, because Node does not strip types inside `node_modules`. Each program is one
 * CommonJS file, because Node loads one such file faster than an ES module, and much faster than many modules. The code behind a dynamic
 * import is in the same file, but runs only when it is used. The packages of the SDK are not bundled: they are the package's `dependencies`
 * and are installed with it. Names are kept, so that stack traces stay readable.
 */
export const CLI_BUILD = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  mainFields: ['module', 'main'],
  conditions: ['module', 'import'],
  supported: { 'dynamic-import': false },
  // The console finds its page by this.
  define: { 'import.meta.dirname': '__dirname' },
  plugins: [lazyImports],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions;

/** Leaves out everything that is imported dynamically: the commands, and what they need. */
const withoutCommands: Plugin = {
  name: 'without-commands',
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: path.replace(/\.ts$/, '.js'), external: true } : undefined,
    );
  },
};

/** Leaves out the program of `greenroom dev`, which is a bundle of its own (bundle-dev.ts). */
const withoutDev: Plugin = {
  name: 'without-dev',
  setup(build) {
    build.onResolve({ filter: /\/local\/dev\/dev\.ts$/ }, () => ({ path: '../dev/dev.js', external: true }));
  },
};

/** Builds the command line: a file that starts it, one for its help, and one with all commands. */
export async function bundleCli(outdir: string): Promise<void> {
  const bundle = (name: string, plugins: Plugin[] = []) =>
    build({
      ...CLI_BUILD,
      entryPoints: [join('cli', `${name}.ts`)],
      outdir,
      plugins: [...plugins, ...CLI_BUILD.plugins],
      metafile: true,
    });
  await mkdir(outdir, { recursive: true });
  const [{ metafile }] = await Promise.all([
    bundle('main', [withoutDev]),
    bundle('main-help', [withoutCommands]),
    bundle('greenroom', [withoutCommands]),
    // The package declares that its files are ES modules, but these files are not.
    writeFile(join(outdir, 'package.json'), '{ "type": "commonjs" }\n'),
  ]);
  await writeFile(join(outdir, 'LICENSES'), await licensesOf([metafile]));
  await chmod(join(outdir, 'greenroom.js'), 0o755);
}
