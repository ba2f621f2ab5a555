import { stripVTControlCharacters } from 'node:util';
import { columnsOf } from '../../client/fit-line.ts';

/** Runs a command while the streams of this process claim to be a terminal with so many columns. */
export async function inTerminal<T>(columns: number, run: () => Promise<T>): Promise<T> {
  const streams = [process.stdout, process.stderr];
  const before = streams.map((stream) => ({ isTTY: stream.isTTY, columns: stream.columns }));
  for (const stream of streams) Object.assign(stream, { isTTY: true, columns });
  try {
    return await run();
  } finally {
    for (const [index, stream] of streams.entries()) Object.assign(stream, before[index]);
  }
}

/** The printed lines that are wider than a terminal. A line with a single word, such as an ARN or a key, is not broken, and may be wider. */
export function tooWide(text: string, columns: number): string[] {
  return stripVTControlCharacters(text)
    .split(/[\r\n]/)
    .filter((line) => columnsOf(line) > columns && line.trim().includes(' '));
}
