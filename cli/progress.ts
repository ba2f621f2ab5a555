import type { CliContext } from './cli-context.ts';

const PLAIN_LINE_MS = 10_000;
const CLEAR_LINE = '\r\u001b[2K';

/** The progress of a command, on standard error. */
export interface Progress {
  /** @param line receives whether the line is redrawn, so that it may contain a bar */
  show(line: (isRedrawn: boolean) => string): void;
  /** Removes the redrawn line. */
  end(): void;
}

/** Shows progress as one line that is redrawn on a terminal, otherwise as a new line every ten seconds if it changed. With `--quiet`, not at all. */
export function openProgress({ clock, note, isQuiet }: Pick<CliContext, 'clock' | 'note' | 'isQuiet'>): Progress {
  if (isQuiet()) return { show: () => undefined, end: () => undefined };
  const { stderr } = process;
  let shown = '';
  let shownAtMs = Number.NEGATIVE_INFINITY;
  return {
    show(line) {
      const nowMs = clock.nowMs();
      const text = line(stderr.isTTY);
      if (stderr.isTTY) stderr.write(CLEAR_LINE + text.slice(0, stderr.columns - 1));
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
