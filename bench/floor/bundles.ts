import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { unzipSync } from 'fflate';
import { bundleFunction } from '../../scripts/bundling/bundle-function.ts';
import { sum } from '../harness/arithmetic.ts';
import { DOCUMENTED_BUILD } from '../harness/documented-build.ts';

/** A function that is measured. */
export interface Bundle {
  name: string;
  /** The directory of the unpacked package. */
  taskRoot: string;
  /** As Lambda names it: `path/file.export`, the file without its extension. */
  handler: string;
  /** All code of the package; source maps do not count, because Lambda does not load them. */
  bytes: number;
}

/** A deployed function. */
export interface Packaged {
  name: string;
  handler: string;
  /** The zip file of its package. */
  artifact: string;
}

/**
 * Builds a function that is not part of the package.
 * @param steps `ours`: the steps with which the deployed functions are built. `default`: as a careful engineer would (documented-build.ts)
 */
export async function buildBundle(
  name: string,
  { source, directory, steps }: { source: string; directory: string; steps: 'default' | 'ours' },
): Promise<Bundle> {
  const taskRoot = join(directory, name.replaceAll(/\W+/g, '-'));
  const outfile = join(taskRoot, 'index.cjs');
  if (steps === 'ours') await bundleFunction(source, outfile);
  else await build({ ...DOCUMENTED_BUILD, entryPoints: [source], outfile });
  return { name, taskRoot, handler: 'index.handler', bytes: statSync(outfile).size };
}

/** Unpacks the package of a deployed function. */
export function unpackBundle({ name, handler, artifact }: Packaged, directory: string): Bundle {
  const taskRoot = join(directory, name);
  const files = Object.entries(unzipSync(readFileSync(artifact))).filter(([file]) => !file.endsWith('/'));
  for (const [file, content] of files) {
    mkdirSync(dirname(join(taskRoot, file)), { recursive: true });
    writeFileSync(join(taskRoot, file), content);
  }
  const code = files.filter(([file]) => !file.endsWith('.map'));
  return { name, taskRoot, handler, bytes: sum(code.map(([, { byteLength }]) => byteLength)) };
}
