import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The file whose lock shows that a gateway uses the directory. */
export const LOCK_FILE = 'gateway.lock';

export interface DataDirectory {
  /** The path of a file or directory in the data directory. */
  path(name: string): string;
  release(): void;
}

/**
 * Claims a directory for this process, because two processes that write to one directory would corrupt it. The claim is an operating-system
 * lock on an empty SQLite file, so it ends with the process. The pid is stored only for the error message.
 *
 * @throws Error if another gateway has claimed the directory
 */
export function claimDataDirectory(directory: string): DataDirectory {
  mkdirSync(directory, { recursive: true });
  const pidFile = join(directory, 'gateway.pid');
  const lock = new DatabaseSync(join(directory, LOCK_FILE));
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    const owner = existsSync(pidFile) ? `process ${readFileSync(pidFile, 'utf8')}` : 'another process';
    throw new Error(`The data directory ${directory} is in use by ${owner}`, { cause: error });
  }
  writeFileSync(pidFile, String(process.pid));

  return {
    path: (name) => join(directory, name),
    release() {
      rmSync(pidFile, { force: true });
      lock.close();
    },
  };
}
