import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../client/user-error.ts';

/** A file of the page. */
export interface PageFile {
  type: string;
  text: string;
}

/** The built page: its address within the console, and the file. No other file can be requested. */
export const PAGE_FILES = {
  '/index.html': 'text/html; charset=utf-8',
  '/page.js': 'text/javascript; charset=utf-8',
  '/page.css': 'text/css; charset=utf-8',
  '/icon.svg': 'image/svg+xml',
} as const;

/** The program is in `dist/cli`; in a checkout, this file may also run unbundled. */
const DIRECTORIES = [join('..', 'console'), join('..', '..', 'dist', 'console')];

/** @throws UserError if the page has not been built */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const directory = DIRECTORIES.map((each) => join(import.meta.dirname, each)).find((each) =>
    existsSync(join(each, 'page.js')),
  );
  if (directory === undefined) throw new UserError('The page of the console is not built: run npm run build');
  return new Map(
    Object.entries(PAGE_FILES).map(([path, type]) => [
      path,
      { type, text: readFileSync(join(directory, path), 'utf8') },
    ]),
  );
}
