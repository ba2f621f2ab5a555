import { chmod, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

/**
 * One self-contained bundle per function: dist/<function>/index.cjs, minified, with a source map.
 *
 * The bundle is CommonJS, because Lambda loads that faster than the same code as an ES module. `mainFields` prefers packages' ES modules,
 * so that esbuild can remove unused code.
 */
async function bundleFunctions(): Promise<void> {
  const sources = (await readdir('functions')).filter((file) => file.endsWith('.ts'));
  await Promise.all(
    sources.map((file) =>
      build({
        entryPoints: [join('functions', file)],
        outfile: join('dist', basename(file, '.ts'), 'index.cjs'),
        bundle: true,
        platform: 'node',
        target: 'node24',
        format: 'cjs',
        mainFields: ['module', 'main'],
        conditions: ['module', 'import'],
        minify: true,
        sourcemap: 'linked',
        sourcesContent: false,
        legalComments: 'none',
        logLevel: 'warning',
      }),
    ),
  );
}

/**
 * The command line as one file for Node 22 and later, because Node does not strip types inside `node_modules`. Packages are not bundled:
 * they are the package's `dependencies` and are installed with it.
 */
async function bundleCli(): Promise<void> {
  const outfile = join('dist', 'cli', 'greenroom.js');
  await build({
    entryPoints: [join('cli', 'greenroom.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node22',
    format: 'esm',
    logLevel: 'warning',
  });
  await chmod(outfile, 0o755);
}

await rm('dist', { recursive: true, force: true });
await Promise.all([bundleFunctions(), bundleCli()]);
