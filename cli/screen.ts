const OPEN = '\u001b[?1049h\u001b[?25l';
const CLOSE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const REST_OF_LINE = '\u001b[K';
const REST_OF_SCREEN = '\u001b[J';
const CTRL_C = '\u0003';

type OnKey = (key: Buffer | string) => void;

/** The part of standard input that a screen uses. Standard input need not be a terminal. */
interface Input {
  isTTY?: boolean;
  setRawMode(isRaw: boolean): unknown;
  on(event: 'data', listener: OnKey): unknown;
  off(event: 'data', listener: OnKey): unknown;
  pause(): unknown;
  resume(): unknown;
}

interface Output {
  rows: number;
  write(text: string): unknown;
}

/** A whole screen that is redrawn, with its own buffer, so that the terminal's earlier text comes back at the end. */
export interface Screen {
  draw(lines: readonly string[]): void;
  /** Aborted when the user presses q. */
  ended: AbortSignal;
  close(): void;
}

/**
 * Opens a screen. The terminal is restored when the screen is closed, and also if the process ends before that.
 * @param interrupt called when the user presses Ctrl-C, because the terminal sends no signal while it passes on single keys
 */
export function openScreen(input: Input, output: Output, interrupt: () => void): Screen {
  const ending = new AbortController();
  const onKey: OnKey = (key) => {
    const text = key.toString();
    if (text.includes(CTRL_C)) interrupt();
    else if (/q/i.test(text)) ending.abort();
  };
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    output.write(CLOSE);
    if (input.isTTY) input.setRawMode(false);
    input.off('data', onKey);
    input.pause();
    process.off('exit', close);
  };
  process.once('exit', close);
  output.write(OPEN);
  if (input.isTTY) {
    input.setRawMode(true);
    input.on('data', onKey);
    input.resume();
  }
  return {
    draw(lines) {
      const shown = lines.slice(0, Math.max(1, output.rows - 1));
      output.write(`${HOME}${shown.map((line) => `${line}${REST_OF_LINE}\r\n`).join('')}${REST_OF_SCREEN}`);
    },
    ended: ending.signal,
    close,
  };
}
