import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface DataDirectory {
  /** The path of something in the directory. */
  path(name: string): string;
  release(): void;
}

/**
 * Claims a directory for this process: two that write into one would ruin it. The claim is a lock of the operating system, held through
 * an otherwise empty SQLite file, so it ends with the process however that ends; the pid beside it is there for the message only.
 *
 * @throws if another gateway has the directory
 */
export function claimDataDirectory(directory: string): DataDirectory {
  mkdirSync(directory, { recursive: true });
  const pidFile = join(directory, 'gateway.pid');
  const lock = new DatabaseSync(join(directory, 'gateway.lock'));
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
