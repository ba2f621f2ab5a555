import { createInterface } from 'node:readline';

export interface Dialogue {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
  signal: AbortSignal;
}

/** Asks a question. Only `y` and `yes` mean yes; the end of the input and an abort mean no. */
export async function confirm(question: string, { input, output, signal }: Dialogue): Promise<boolean> {
  output.write(`${question} [y/N] `);
  // With `terminal: true`, readline would handle Ctrl-C itself.
  const lines = createInterface({ input, terminal: false, signal });
  // The iterator of `lines` is not used, because it continues to read, and the process would never end.
  const answer = await new Promise<string>((resolve) => {
    lines.once('line', resolve).once('close', () => resolve(''));
  });
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
