import { createInterface } from 'node:readline';

export interface Dialogue {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
  signal: AbortSignal;
}

/** Asks a question. Only `y` and `yes` mean yes; the end of the input and an abort mean no. */
export async function confirm(question: string, { input, output, signal }: Dialogue): Promise<boolean> {
  output.write(`${question} [y/N] `);
  // Not as a terminal: readline would take Ctrl-C for itself.
  for await (const line of createInterface({ input, terminal: false, signal })) return /^y(es)?$/i.test(line.trim());
  return false;
}
