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
