import { styleText } from 'node:util';
import { failureDetails, paintOutcome, printable } from '../../client/completion-line.ts';
import { columnsOf, fitLine, padColumns, wrapText } from '../../client/fit-line.ts';
import { unwrap } from '../../lib/contract/envelopes.ts';
import { outcomeText } from './outcome-of.ts';
import type { Tracked } from './run-record.ts';

const HEADINGS = ['line', 'key', 'envelope', 'region', 'room', 'seconds', 'outcome'];

/**
 * The columns that are left out in a narrow terminal, the least important first. The requests and their outcomes contain the same
 * information.
 */
const OPTIONAL_COLUMNS = ['envelope', 'room', 'region'].map((heading) => HEADINGS.indexOf(heading));
const KEY_COLUMN = HEADINGS.indexOf('key');
/** The width of most outcomes, such as `replay of line 1`. If the text of a failure is longer, it may get a line of its own. */
const OUTCOME_WIDTH = 16;
const MIN_KEY_WIDTH = 12;
const INDENT = ' '.repeat(6);

/**
 * The outcomes of the requests, one row each, and the problems below.
 * @param width the width of the terminal, in which the table fits; undefined: nothing is left out or cut
 */
export function outcomeTable(requests: readonly Tracked[], width?: number): string[] {
  const rows = requests.map(cellsOf);
  const widths = HEADINGS.map((heading, column) =>
    rows.reduce((most, row) => Math.max(most, columnsOf(row[column] ?? '')), heading.length),
  );
  const leftOut = columnsToLeaveOut(widths, width);
  widths[KEY_COLUMN] = keyWidth(widths, leftOut, width);
  const pad = (cells: string[]) =>
    cells
      .map((cell, column) => padColumns(fitLine(cell, widths[column]), widths[column] ?? 0))
      .slice(0, -1)
      .filter((_, column) => !leftOut.has(column))
      .join('  ');
  const body = requests.flatMap((tracked, row) => {
    const cells = rows[row] ?? [];
    return rowLines(pad(cells), cells.at(-1) ?? '', tracked, width);
  });
  return [styleText('bold', `${pad(HEADINGS)}  outcome`), ...body];
}

function rowLines(cells: string, outcome: string, { answer }: Tracked, width: number | undefined): string[] {
  const data = answer?.completion.data;
  const paint = (text: string) => (data ? paintOutcome(data.outcome, text) : styleText('yellow', text));
  const details = data?.outcome === 'failed' ? failureDetails(data) : [];
  const detailLines = details.flatMap((detail) =>
    wrapText(INDENT + detail, width, `${INDENT}  `).map((line) => styleText('dim', line)),
  );
  const isWide = width !== undefined && columnsOf(cells) + 2 + columnsOf(outcome) > width;
  return [...(isWide ? [cells.trimEnd(), INDENT + paint(outcome)] : [`${cells}  ${paint(outcome)}`]), ...detailLines];
}

/** The optional columns that must be left out so that the table fits the terminal, if that is possible. */
function columnsToLeaveOut(widths: readonly number[], width = Number.POSITIVE_INFINITY): Set<number> {
  const leftOut = new Set<number>();
  for (const column of OPTIONAL_COLUMNS) {
    if (totalWidth(widths, leftOut) <= width) break;
    leftOut.add(column);
  }
  return leftOut;
}

/** The width of the column of the keys, which are cut if nothing else is left out. */
function keyWidth(widths: readonly number[], leftOut: Set<number>, width = Number.POSITIVE_INFINITY): number {
  const wanted = widths[KEY_COLUMN] ?? 0;
  return Math.min(wanted, Math.max(MIN_KEY_WIDTH, wanted + width - totalWidth(widths, leftOut)));
}

function totalWidth(widths: readonly number[], leftOut: ReadonlySet<number>): number {
  return widths.slice(0, -1).reduce((sum, each, column) => (leftOut.has(column) ? sum : sum + each + 2), OUTCOME_WIDTH);
}

function cellsOf(tracked: Tracked): string[] {
  const { request, sentAtMs, answer } = tracked;
  const data = answer?.completion.data;
  const { envelope, viaSns } = unwrap(request.body);
  return [
    String(request.number),
    printable(request.idempotencyKey ?? '-'),
    request.read.kind === 'unparseable' ? '-' : viaSns ? `${envelope} in sns` : envelope,
    data?.region ?? '-',
    data?.outcome === 'created' || data?.outcome === 'adopted' ? (data.room.name ?? '-') : '-',
    answer && sentAtMs !== undefined ? ((answer.receivedAtMs - sentAtMs) / 1000).toFixed(1) : '-',
    outcomeText(tracked),
  ];
}
