import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { bundleCli } from './bundling/bundle-cli.ts';
import { bundleConsole } from './bundling/bundle-console.ts';
import { bundleDev } from './bundling/bundle-dev.ts';
import { bundleFunction } from './bundling/bundle-function.ts';
import { packageClient } from './bundling/package-client.ts';

/** One bundle per function: dist/<function>/index.cjs. @returns what the bundles contain */
async function bundleFunctions(): Promise<Metafile[]> {
  const sources = (await readdir('functions')).filter((file) => file.endsWith('.ts'));
  const bundles = await Promise.all(
    sources.map((file) => bundleFunction(join('functions', file), join('dist', basename(file, '.ts'), 'index.cjs'))),
  );
  return bundles.map(({ metafile }) => metafile);
}

/**
 * Links the command in the directory that contains the commands of the dependencies. npm does this only for packages that are installed in
 * another project. Without the link, a checkout could run the command only through npx, and shells could not complete it.
 */
async function linkCommand(): Promise<void> {
  // On Windows, a link needs a privilege, and a shell would not run it.
  if (process.platform === 'win32') return;
  const directory = join('node_modules', '.bin');
  await mkdir(directory, { recursive: true });
  await rm(join(directory, 'greenroom'), { force: true });
  await symlink(join('..', '..', 'dist', 'cli', 'greenroom.js'), join(directory, 'greenroom'));
}

await rm('dist', { recursive: true, force: true });
await Promise.all([
  bundleFunctions().then((functions) => bundleDev(join('dist', 'dev'), functions)),
  bundleCli(join('dist', 'cli')),
  bundleConsole(join('dist', 'console')),
  packageClient(),
  linkCommand(),
]);
