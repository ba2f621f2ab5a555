import { open } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { UserError } from '../client/user-error.ts';

/** The name of a file in messages to the user. */
export function nameOfFile(file: string): string {
  return file === '-' ? 'Standard input' : file;
}

/** The bytes of a file, or of standard input if the name is "-". @throws UserError if it cannot be read */
export async function* readChunks(file: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    const stream = file === '-' ? process.stdin : (await open(file)).createReadStream();
    yield* addAbortSignal(signal, stream);
  } catch (error) {
    signal.throwIfAborted();
    throw new UserError(`Cannot read ${file}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** S3 objects with manifests may be this large too. */
const MAX_MEBIBYTES = 100;

/**
 * Like `readChunks`, for a command that keeps the whole file in memory. Otherwise, an input that never ends would fill the memory.
 * @throws UserError if the file is too large
 */
export async function* readWhole(file: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of readChunks(file, signal)) {
    bytes += chunk.length;
    if (bytes > MAX_MEBIBYTES * 1_048_576)
      throw new UserError(`${nameOfFile(file)} is larger than ${MAX_MEBIBYTES} MiB: split it`);
    yield chunk;
  }
}
