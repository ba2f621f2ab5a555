/** A file cannot be read with certainty. The message completes a sentence that begins with the file: `is not UTF-8: …`. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
