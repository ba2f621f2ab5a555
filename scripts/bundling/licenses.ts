import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import * as z from 'zod';

/** Old packages name their license in an object. */
const licenseSchema = z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]);
const manifestSchema = z.object({ name: z.string(), version: z.string(), license: licenseSchema.optional() });
/** The directory of the package that contains a file. A package may be inside another package. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const LICENSE_FILE = /^(licen[cs]e|copying)/i;

/**
 * The licenses of the bundled packages, which must accompany the packages' code. If several packages have the same text, it is included
 * only once. Some packages have no file with their license, and only name it.
 *
 * @throws Error if a package states no license at all
 */
export async function licensesOf(metafiles: readonly Metafile[]): Promise<string> {
  const inputs = metafiles.flatMap((each) => Object.keys(each.inputs));
  const directories = inputs.map((path) => PACKAGE.exec(path)?.[0]).filter((path) => path !== undefined);
  const licenses = await Promise.all([...new Set(directories)].map(licenseIn));
  const sections = [...Map.groupBy(licenses, ({ text }) => text)].map(([text, group]) => {
    const names = new Set(group.map(({ name }) => name).toSorted());
    return `${[...names].join('\n')}\n\n${text}`;
  });
  return sections.toSorted().join('\n\n');
}

/** @param directory the directory of a package */
async function licenseIn(directory: string): Promise<{ name: string; text: string }> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')));
  const name = `${manifest.name} ${manifest.version}`;
  const file = (await readdir(directory)).find((each) => LICENSE_FILE.test(each));
  if (file !== undefined) return { name, text: (await readFile(join(directory, file), 'utf8')).trim() };
  if (manifest.license === undefined) throw new Error(`${directory} states no license`);
  return { name, text: `License: ${manifest.license}` };
}
