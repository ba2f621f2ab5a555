import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { DOCUMENTED_BUILD } from '../harness/documented-build.ts';
import { type CookbookVariant, cookbookTemplate } from './template.ts';

/**
 * Bundles the baseline, and writes the package and the template to a temporary directory.
 * @returns the path of the template, and a function that removes the directory
 */
export async function packageCookbook(
  root: string,
  variant: CookbookVariant,
): Promise<{ file: string; remove(): void }> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'bench', 'cookbook', 'handler.ts')],
    write: false,
    ...DOCUMENTED_BUILD,
  });
  const code = outputFiles[0]?.contents;
  if (!code) throw new Error('esbuild returned no bundle for the cookbook');
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-cookbook-'));
  writeFileSync(join(directory, 'cookbook.zip'), zipSync({ 'index.cjs': code }));
  const file = join(directory, 'template.json');
  writeFileSync(file, JSON.stringify(cookbookTemplate(variant)));
  return { file, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
