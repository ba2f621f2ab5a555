import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** The package that contains a file. pnpm installs packages below others, in `node_modules/.pnpm/NAME@VERSION/node_modules/NAME`. */
const PACKAGE = /^(?<directory>.*\bnode_modules\/(?<name>(?:@[^/]+\/)?[^/]+))\//;

/** The licenses of the bundled packages, which must accompany their code. */
export async function licensesOf({ inputs }: Metafile): Promise<string> {
  const packages = new Map<string, string>();
  for (const path of Object.keys(inputs)) {
    const { directory, name } = PACKAGE.exec(path)?.groups ?? {};
    if (directory !== undefined && name !== undefined) packages.set(name, directory);
  }
  const texts = [...packages]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(async ([name, directory]) => `${name}\n\n${await readFile(join(directory, 'LICENSE'), 'utf8')}`);
  return (await Promise.all(texts)).join('\n\n');
}
