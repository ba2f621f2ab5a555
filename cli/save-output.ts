import { once } from 'node:events';
import { access, type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { UserError } from '../client/user-error.ts';

/** Writes to standard output, no faster than the receiving program reads. */
export async function printChunks(chunks: AsyncIterable<string | Uint8Array>, signal: AbortSignal): Promise<void> {
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain', { signal });
  }
}

/**
 * Writes a file completely or not at all. If there are no chunks, creates no file.
 * @throws UserError if it exists, because it may contain work of the user, or if it cannot be written
 */
export async function saveChunks(
  file: string,
  chunks: AsyncIterable<string | Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  // The report may be long, so an existing file is reported before the report is read.
  if (await exists(file)) throw alreadyThere(file);
  const partial = `${file}.${process.pid}.partial`;
  let handle: FileHandle | undefined;
  try {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      handle ??= await open(partial, 'wx').catch((error) => refuse(file, error));
      await handle.appendFile(chunk).catch((error) => refuse(file, error));
    }
    await handle?.close();
    if (handle) await publish(partial, file);
  } finally {
    await handle?.close();
    await rm(partial, { force: true });
  }
}

/** Gives a complete file its name, unless another process has created a file with this name in the meantime. */
async function publish(partial: string, file: string): Promise<void> {
  try {
    // Unlike a rename, a link never replaces a file.
    await link(partial, file);
  } catch (error) {
    if (await exists(file)) throw alreadyThere(file);
    // Some file systems have no hard links.
    await rename(partial, file).catch(() => refuse(file, error));
  }
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function alreadyThere(file: string): UserError {
  return new UserError(`${file} already exists: name another file, or remove it`);
}

function refuse(file: string, error: unknown): never {
  throw new UserError(`Cannot write ${file}: ${error instanceof Error ? error.message : error}`, { cause: error });
}
