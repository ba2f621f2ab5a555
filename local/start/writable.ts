import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { explainError } from '../../client/explain-error.ts';

const systemErrorSchema = z.object({ code: z.string() });

/** The code of a system error, such as `EACCES`. */
export function codeOf(error: unknown): string | undefined {
  return systemErrorSchema.safeParse(error).data?.code;
}

const REASONS = new Map([
  ['EEXIST', 'it is a file'],
  ['ENOTDIR', 'a part of the path is a file'],
  ['ENOENT', 'nothing can be created there'],
  ['EACCES', 'you have no permission'],
  ['EPERM', 'you have no permission'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'the disk is full'],
]);

/**
 * Finds out why files cannot be created in a directory, which may not exist yet. The function writes a file, because permissions alone do
 * not show whether a file can be created: a file system may be read-only, and root may write anywhere. It then removes what it has created.
 *
 * @returns undefined if files can be created
 */
export function whyNotWritable(directory: string): string | undefined {
  let created: string | undefined;
  try {
    for (const path of missingDirectories(directory)) {
      mkdirSync(path);
      created ??= path;
    }
    mkdirSync(directory, { recursive: true });
    const probe = join(directory, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
    return undefined;
  } catch (error) {
    return `${resolve(directory)}: ${REASONS.get(codeOf(error) ?? '') ?? explainError(error)}`;
  } finally {
    if (created !== undefined) rmSync(created, { recursive: true, force: true });
  }
}

/**
 * The directories that must be created, the outermost first. With `recursive`, `mkdirSync` never ends where an existing directory permits
 * no entries and the system reports ENOENT, as in /proc.
 */
function missingDirectories(directory: string): string[] {
  const missing: string[] = [];
  for (let path = resolve(directory); !existsSync(path) && path !== dirname(path); path = dirname(path))
    missing.unshift(path);
  return missing;
}
