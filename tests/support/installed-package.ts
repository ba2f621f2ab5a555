import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';

const packedSchema = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })]);
const manifestSchema = z.object({
  dependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
});

/**
 * Packs the project, and installs it in an empty folder: only the files that npm would publish, only the packages that it declares, and its
 * command. npm itself would download the packages. Here they are links to the installed ones.
 *
 * @returns the paths of the packed files
 */
export function installPackage(folder: string): string[] {
  const installed = join(folder, 'node_modules', 'greenroom');
  mkdirSync(installed, { recursive: true });
  // Without its scripts, because `prepare` would build again what other tests are running.
  const packing = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    encoding: 'utf8',
  });
  const [{ filename, files }] = packedSchema.parse(JSON.parse(packing.stdout));
  spawnSync('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')));
  const names = [manifest.dependencies, manifest.optionalDependencies].flatMap(Object.keys);
  for (const name of names) linkPackage(folder, name);
  mkdirSync(join(folder, 'node_modules', '.bin'));
  symlinkSync('../greenroom/dist/cli/greenroom.js', join(folder, 'node_modules', '.bin', 'greenroom'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  return files.map(({ path }) => path);
}

/** Lets the programs in a folder use a package that this project has installed. */
export function linkPackage(folder: string, name: string): void {
  const path = join(folder, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(resolve('node_modules', name), path);
}
