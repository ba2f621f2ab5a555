import { fitLine, HELP_WIDTH, widthOf } from '../client/fit-line.ts';
import type { CliContext } from './cli-context.ts';

const PLAIN_LINE_MS = 10_000;
const CLEAR_LINE = '\r\u001b[2K';

/** The progress of a command, on standard error. */
export interface Progress {
  /** @param line receives the number of columns that the line may fill if it is redrawn on a terminal, and otherwise undefined */
  show(line: (width: number | undefined) => string): void;
  /** Removes the redrawn line. */
  end(): void;
}

/**
 * Shows progress as one line that is redrawn on a terminal, otherwise as a new line every ten seconds if it changed. With `--quiet`, not at
 * all.
 */
export function openProgress({ clock, note, isQuiet }: Pick<CliContext, 'clock' | 'note' | 'isQuiet'>): Progress {
  if (isQuiet()) return { show: () => undefined, end: () => undefined };
  const { stderr } = process;
  let shown = '';
  let shownAtMs = Number.NEGATIVE_INFINITY;
  return {
    show(line) {
      const nowMs = clock.nowMs();
      // The cursor stays behind the line. In the last column, some terminals would begin a new line.
      const width = stderr.isTTY ? (widthOf(stderr) ?? HELP_WIDTH) - 1 : undefined;
      const text = line(width);
      if (stderr.isTTY) stderr.write(CLEAR_LINE + fitLine(text, width));
      else if (text !== shown && nowMs - shownAtMs >= PLAIN_LINE_MS) {
        note(text);
        shownAtMs = nowMs;
        shown = text;
      }
    },
    end() {
      if (stderr.isTTY) stderr.write(CLEAR_LINE);
    },
  };
}
