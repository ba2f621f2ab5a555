import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Code that users run: deployed code, the client, the command line, the embedded stack and the scripts. */
const PRODUCTION = ['functions', 'lib', 'client', 'cli', 'console', 'emulator', 'local', 'examples', 'scripts'];
/** Code that only maintainers run. */
const TESTS = ['tests', 'simulation', 'bench'];

/** The project's TypeScript files, as paths relative to its root. */
export function listSources(root: string): string[] {
  const top = readdirSync(root, { withFileTypes: true });
  const present = [...PRODUCTION, ...TESTS].filter((name) => top.some((entry) => entry.name === name));
  return present
    .flatMap((directory) =>
      readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' }).map((path) => join(directory, path)),
    )
    .filter((path) => /\.tsx?$/.test(path))
    .sort();
}

export function readSource(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export function isProduction(path: string): boolean {
  return PRODUCTION.includes(path.split('/')[0] ?? '');
}

/** The directory under which a file is counted: a directory of `lib`, or one at the top. */
export function directoryOf(path: string): string {
  const parts = path.split('/');
  return parts[0] === 'lib' ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}
