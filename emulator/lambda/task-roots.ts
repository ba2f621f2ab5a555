import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The host is part of the name, because containers can share a temporary directory, and a process id is valid only within its own container.
 */
const PREFIX = `greenroom-function-${hostname().replaceAll(/[^\w.]/g, '_')}-`;
const OWNER = /^(?<pid>\d+)-\w+$/;

/** Creates the directory into which a function's package is unpacked. Its name contains the id of this process. */
export function createTaskRoot(): string {
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Removes the directories of processes on this host that no longer exist: a process that is killed (SIGKILL) cannot clean up. */
export function removeLeftoverTaskRoots(parent = tmpdir()): void {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(PREFIX) ? OWNER.exec(name.slice(PREFIX.length))?.groups?.pid : undefined;
    if (pid !== undefined && !isRunning(Number(pid))) removeQuietly(join(parent, name));
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The other possible error is EPERM: the process exists, and belongs to another user.
    return !String(error).includes('ESRCH');
  }
}

/** Another process may be removing the same directory, or the directory may belong to another user. */
function removeQuietly(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    // The owner's next start removes it.
  }
}
