import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { licensesOf } from './licenses.ts';

const SOURCE = join('console', 'page');

/** Writes the page of the console: one script, one style sheet, and nothing that the browser would load from elsewhere. */
export async function bundleConsole(outdir: string): Promise<void> {
  await mkdir(outdir, { recursive: true });
  const [{ metafile }] = await Promise.all([
    build({
      entryPoints: { page: join(SOURCE, 'main.tsx') },
      outdir,
      bundle: true,
      platform: 'browser',
      target: ['chrome120', 'firefox121', 'safari17.4'],
      format: 'esm',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      minify: true,
      legalComments: 'none',
      logLevel: 'warning',
      metafile: true,
    }),
    ...['index.html', 'icon.svg'].map((file) => copyFile(join(SOURCE, file), join(outdir, file))),
  ]);
  await writeFile(join(outdir, 'LICENSES'), await licensesOf([metafile]));
}
