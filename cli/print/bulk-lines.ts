import type { BulkProgress } from '../../client/bulk-progress.ts';
import { printable } from '../../client/completion-line.ts';
import { figuresOf } from '../../client/describe/job-words.ts';
import { fitLine } from '../../client/fit-line.ts';

const BAR_CELLS = 24;
/** A shorter bar says little. */
const MIN_BAR_CELLS = 8;
const GAP = '  ';

/**
 * The progress of a job in one line.
 * @param width the columns of the terminal, where the line is redrawn and begins with a bar. A part that does not fit is left out as a whole,
 * the least important part first. Undefined: the line has all parts, and no bar
 */
export function progressLine(progress: BulkProgress, rate: number | undefined, width: number | undefined): string {
  const { state, rows, read, members, stopped } = progress;
  if (state === 'waiting') return 'waiting for the manifest to be read';
  if (members === undefined) return 'checking the manifest';
  const { failed, done, left, seconds } = figuresOf(progress, members, rate);
  const counts = [`${done} of ${members} done`, `${failed} failed`, ...(stopped > 0 ? [`${stopped} stopped`] : [])];
  const speed = rate === undefined ? [] : [`${rate.toFixed(1)} a second`];
  const rest = left > 0 ? `about ${durationText(seconds)} left` : 'writing the report';
  const reading = state === 'open' ? [`${read} of ${counted(rows ?? 0, 'row')} requested`] : [];
  const whole = [...counts, ...speed, rest, ...reading].join(GAP);
  if (width === undefined) return whole;
  const shorter = [[...counts, ...speed, rest], [...counts, rest], counts].map((parts) => parts.join(GAP));
  const text = [whole, ...shorter].find(({ length }) => length <= width) ?? fitLine(counts.join(GAP), width);
  const cells = Math.min(BAR_CELLS, width - text.length - GAP.length - '[]'.length);
  return cells < MIN_BAR_CELLS ? text : `${barOf(members === 0 ? 1 : (done + stopped) / members, cells)}${GAP}${text}`;
}

/** The result of a job that has ended, in one line. */
export function summaryLine({ rows = 0, invalid = 0, repeated = 0, ...progress }: BulkProgress): string {
  const { provisioned, existing, failed, stopped, jobId } = progress;
  const created = provisioned - existing;
  const ended = stopped > 0 ? `, ${stopped} stopped` : '';
  const again = repeated > 0 ? `, ${repeated} repeated` : '';
  const rooms = counted(provisioned, 'room');
  return `Job ${jobId}: ${counted(rows, 'row')}: ${rooms} (${created} new), ${failed - stopped} failed${ended}, ${invalid} invalid${again}.`;
}

/** `3 s`, `12 min`, `2 h 45 min`. */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 row`, `2 rows`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** A problem as a line for people. @param whole what a problem without a path concerns, such as the name of the file */
export function problemLine({ path, message }: { path: string; message: string }, whole: string): string {
  return printable(path === '' ? `  ${whole} ${message}` : `  ${path}: ${message}`);
}

function barOf(share: number, cells: number): string {
  const full = Math.floor(share * cells);
  return `[${'#'.repeat(full)}${'.'.repeat(cells - full)}]`;
}
