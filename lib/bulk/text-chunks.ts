import { manifestError } from './manifest-error.ts';

/** No row is as long as this; a longer one is a quote or a bracket that was never closed. */
export const MAX_ROW_UNITS = 1_048_576;

/**
 * Text of UTF-8 bytes in pieces of any size; a byte order mark is taken off.
 * @throws ManifestError if they are no UTF-8
 */
export async function* decodeUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Uint8Array) => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw manifestError('', 'is not UTF-8: save it with this encoding ("CSV UTF-8" in spreadsheets)');
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}
