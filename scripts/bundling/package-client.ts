import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { packageProgram } from '../../local/start/package-program.ts';

/** The entry points of the package, as its `exports` name them. `tsconfig.package.json` contains the same files. */
const ENTRIES = ['client/index.ts', 'client/completions.ts', 'client/contract.ts'];
const DIRECTORY = join('dist', 'client');

/** Writes the entry points of the package for programs, with their declarations. */
export async function packageClient(): Promise<void> {
  await Promise.all([bundleClient(), declareClient()]);
}

/** Modules that several entry points import are in separate files. Dependencies are not bundled: npm installs them with the package. */
async function bundleClient(): Promise<void> {
  await build({
    entryPoints: ENTRIES,
    outdir: DIRECTORY,
    bundle: true,
    splitting: true,
    chunkNames: '[name]-[hash]',
    packages: 'external',
    platform: 'node',
    target: 'node22',
    format: 'esm',
    logLevel: 'warning',
  });
}

/** Writes the declarations that the entry points need. The compiler writes one for every module, even for modules that no program may import. */
async function declareClient(): Promise<void> {
  const all = await mkdtemp(join(tmpdir(), 'greenroom-declarations-'));
  try {
    const compiler = packageProgram(process.cwd(), 'typescript', 'tsc');
    const args = [compiler, '--project', 'tsconfig.package.json', '--outDir', all];
    const [exitCode] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'close');
    if (exitCode !== 0) throw new Error('The declarations could not be written');
    await copyReachable(all, join(DIRECTORY, 'types'));
  } finally {
    await rm(all, { recursive: true });
  }
}

async function copyReachable(from: string, to: string): Promise<void> {
  const paths = ENTRIES.map(declarationOf);
  for (const path of paths) {
    const text = await readFile(join(from, path), 'utf8');
    for (const [, specifier = ''] of text.matchAll(RELATIVE)) {
      const imported = declarationOf(join(dirname(path), specifier));
      if (!paths.includes(imported)) paths.push(imported);
    }
    await mkdir(dirname(join(to, path)), { recursive: true });
    // Programs find a declaration under the name of the JavaScript file that it describes.
    await writeFile(
      join(to, path),
      text.replaceAll(RELATIVE, (found) => found.replace(/\.ts$/, '.js')),
    );
  }
}

/** The beginning of a quoted relative path, up to the end of the path. */
const RELATIVE = /(?<=(?:from|import|import\()\s?['"])(\.{1,2}\/[^'"]+\.ts)/g;

function declarationOf(path: string): string {
  return path.replace(/\.ts$/, '.d.ts');
}
