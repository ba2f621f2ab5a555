import { styleText } from 'node:util';
import { printable } from '../client/completion-line.ts';
import { explainError } from '../client/explain-error.ts';
import { printNotes, widthOf, wrapText } from '../client/fit-line.ts';
import { GRACE_MS, type Interruption, interruptionOf } from '../client/interruption.ts';
import { UserError } from '../client/user-error.ts';

const EXIT_FAILED = 1;
/** How long a command may take to print its results after the grace period of its calls has ended. */
const MARGIN_MS = 2_000;

/** Prints the error that ends a command, in one line. With DEBUG=greenroom, prints the stack trace, too. */
export function printError(message: string, error: unknown): void {
  const label = styleText('red', 'error:', { stream: process.stderr });
  const lines = wrapText(`error: ${printable(message)}`, widthOf(process.stderr), '  ');
  console.error(lines.join('\n').replace('error:', label));
  if (process.env.DEBUG === 'greenroom') console.error(error);
}

/**
 * Prints why a command ended early, and sets the exit code.
 * @param error what the command threw; undefined if it ended without an error after the interruption
 */
export function reportInterruption(error: unknown, signal: AbortSignal): void {
  const interruption = interruptionOf(signal);
  process.exitCode = interruption.exitCode;
  if (interruption.isQuiet) return;
  const text = textOf(interruption, error);
  // The user has ended the command, so this is not an error.
  if (interruption.exitCode !== EXIT_FAILED) printEnd(text, error);
  else printError(text, error);
}

function printEnd(text: string, error: unknown): void {
  printNotes([printable(text)]);
  if (error !== undefined && process.env.DEBUG === 'greenroom') console.error(error);
}

/** The command's own error may say more than the interruption: that a job continues, or that a call may have taken effect. */
function textOf(interruption: Interruption, error: unknown): string {
  if (error === undefined || interruption.exitCode === EXIT_FAILED) return interruption.message;
  const explained = explainError(error);
  return error instanceof UserError || explained.startsWith(interruption.message) ? explained : interruption.message;
}

/** Ends the process if the command has not ended a few seconds after the interruption. */
export function endAfterInterruption(signal: AbortSignal): void {
  const end = () => {
    reportInterruption(undefined, signal);
    process.exit();
  };
  signal.addEventListener('abort', () => void setTimeout(end, GRACE_MS + MARGIN_MS).unref(), { once: true });
}

/** An error that no command handles is a bug. It ends the process with one line instead of a stack trace. */
export function reportUncaughtErrors(): void {
  // Node also emits this event for rejections that nothing handles.
  process.on('uncaughtException', (error) => {
    const more = process.env.DEBUG === 'greenroom' ? '' : ' (to see more, set DEBUG=greenroom)';
    printError(`${explainError(error)}${more}`, error);
    process.exit(EXIT_FAILED);
  });
}
