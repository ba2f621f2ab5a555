import { manifestError } from './manifest-error.ts';

/** The maximum length of a row. A longer row probably has a quote or a bracket that is never closed. */
export const MAX_ROW_UNITS = 1_048_576;

/**
 * Decodes UTF-8 bytes that arrive in pieces of any size, and drops a byte order mark.
 * @throws ManifestError if the bytes are not UTF-8
 */
export async function* decodeUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Uint8Array) => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw manifestError('', 'is not UTF-8: save the file as UTF-8 (in spreadsheet programs, as "CSV UTF-8")');
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}
