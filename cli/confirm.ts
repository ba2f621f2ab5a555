import { createInterface } from 'node:readline';
import { Option } from 'commander';
import { widthOf, wrapText } from '../client/fit-line.ts';
import type { CliContext } from './cli-context.ts';
import { UsageError } from './usage.ts';

export interface Dialogue {
  input: NodeJS.ReadableStream;
  /** The terminal's width is read from this stream. */
  output: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  signal: AbortSignal;
}

/** Asks about one step that cannot be undone. @returns whether the step may be taken @throws the signal's reason if it is aborted */
export type Consent = (question: string) => Promise<boolean>;

export function yesOption(): Option {
  return new Option('--yes', 'do not ask for confirmation (required without a terminal)');
}

/**
 * The consent that every command needs before a step that cannot be undone: `--yes`, or an answer at the terminal. A command calls this
 * before anything else, so that a script without `--yes` fails before it reads or changes anything.
 * @param terminal the terminal; undefined if there is none, for example in a script
 * @throws UsageError if `--yes` is missing and nobody can be asked
 */
export function requireConsent(
  { yes }: { yes: boolean },
  { signal, note }: Pick<CliContext, 'signal' | 'note'>,
  terminal: Omit<Dialogue, 'signal'> | undefined = findTerminal(),
): Consent {
  if (yes) return async () => true;
  if (terminal === undefined) throw new UsageError('cannot ask for confirmation without a terminal: give --yes');
  return async (question) => {
    const isSure = await confirm(question, { ...terminal, signal });
    signal.throwIfAborted();
    if (!isSure) note('Nothing was changed.');
    return isSure;
  };
}

function findTerminal(): Omit<Dialogue, 'signal'> | undefined {
  const { stdin: input, stderr: output } = process;
  return input.isTTY && output.isTTY ? { input, output } : undefined;
}

/** Asks a question. Only `y` and `yes` mean yes; the end of the input and an abort mean no. */
export async function confirm(question: string, { input, output, signal }: Dialogue): Promise<boolean> {
  output.write(`${wrapText(`${question} [y/N]`, widthOf(output)).join('\n')} `);
  // With `terminal: true`, readline would handle Ctrl-C itself.
  const lines = createInterface({ input, terminal: false, signal });
  // The iterator of `lines` is not used, because it continues to read, and the process would never end.
  const answer = await new Promise<string>((resolve) => {
    lines.once('line', resolve).once('close', () => resolve(''));
  });
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
