import { fitLine, printLines, widthOf } from '../../client/fit-line.ts';
import type { IvsChatAdmin } from '../../emulator/ivschat/admin.ts';
import { outcomeKind } from './outcome-of.ts';
import type { RunRecord } from './run-record.ts';

const REDRAW_MS = 200;
const PLAIN_LINE_MS = 3_000;
const CLEAR_LINE = '\r\u001b[2K';

/** Shows the progress of the run until `stop` is called: one line that is redrawn on a terminal, otherwise a new line every few seconds. */
export function showProgress(record: RunRecord, admin: IvsChatAdmin): { stop(): void } {
  const startedAtMs = Date.now();
  const line = () => `${progressText(record, admin)}  ${((Date.now() - startedAtMs) / 1000).toFixed(0)} s`;
  // A line that the terminal wraps would not be cleared as a whole.
  const oneLine = () => fitLine(line(), widthOf(process.stdout));
  const isTerminal = process.stdout.isTTY;
  const timer = setInterval(
    () => (isTerminal ? process.stdout.write(CLEAR_LINE + oneLine()) : console.log(line())),
    isTerminal ? REDRAW_MS : PLAIN_LINE_MS,
  );
  return {
    stop() {
      clearInterval(timer);
      if (isTerminal) process.stdout.write(CLEAR_LINE);
    },
  };
}

/** Prints a line above the progress, which is redrawn below it. */
export function printAbove(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(CLEAR_LINE);
  printLines([line]);
}

function progressText(record: RunRecord, admin: IvsChatAdmin): string {
  const kinds = record.requests.map(outcomeKind);
  const provisioned = kinds.filter((kind) => kind === 'provisioned').length;
  const replays = kinds.filter((kind) => kind === 'replay').length;
  const waiting = record.openCount;
  const sent = record.requests.filter(({ sentAtMs }) => sentAtMs !== undefined).length;
  const calls = admin.calls().counts.reduce((total, { count }) => total + count, 0);
  return [
    `sent ${sent}/${record.requests.length}`,
    `rooms ${provisioned}`,
    `replays ${replays}`,
    `failed ${record.requests.length - provisioned - replays - waiting}`,
    `waiting ${waiting}`,
    `IVS Chat calls ${calls}`,
  ].join('  ');
}
