/**
 * The lines of a text stream, without their line feeds. The last line needs no line feed. `node:readline` is not used, because it also splits
 * at U+2028 and U+2029, which JSON allows. The running time does not depend on how many pieces a long line arrives in.
 */
export async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let parts: string[] = [];
  for await (const text of texts) {
    const [end = '', ...others] = text.split('\n');
    parts.push(end);
    for (const line of others) {
      yield parts.join('');
      parts = [line];
    }
  }
  const last = parts.join('');
  if (last !== '') yield last;
}
