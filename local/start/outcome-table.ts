import { styleText } from 'node:util';
import { failureDetails, paintOutcome, printable } from '../../client/completion-line.ts';
import { unwrap } from '../../lib/contract/envelopes.ts';
import { outcomeText } from './outcome-of.ts';
import type { Tracked } from './run-record.ts';

const HEADINGS = ['line', 'key', 'envelope', 'region', 'room', 'seconds', 'outcome'];

/** The columns that a narrow terminal leaves out, the least important first: the requests and the outcomes name the rest. */
const OPTIONAL_COLUMNS = ['envelope', 'room', 'region'].map((heading) => HEADINGS.indexOf(heading));
/** The width of most outcomes, such as `replay of line 1`. The text of a failure may be longer. */
const OUTCOME_WIDTH = 16;

/** The outcomes of the requests, one line each. @param width the width of the terminal; undefined: no column is left out */
export function outcomeTable(requests: readonly Tracked[], width?: number): string[] {
  const rows = requests.map(cellsOf);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const leftOut = columnsToLeaveOut(widths, width);
  const pad = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .slice(0, -1)
      .filter((_, column) => !leftOut.has(column));
  const body = requests.flatMap((tracked, row) => {
    const cells = rows[row] ?? [];
    const text = cells.at(-1) ?? '';
    const data = tracked.answer?.completion.data;
    const painted = data ? paintOutcome(data.outcome, text) : styleText('yellow', text);
    const details = data?.outcome === 'failed' ? failureDetails(data) : [];
    return [[...pad(cells), painted].join('  '), ...details.map((detail) => styleText('dim', `      ${detail}`))];
  });
  return [styleText('bold', [...pad(HEADINGS), 'outcome'].join('  ')), ...body];
}

/** The optional columns without which the table is at most as wide as the terminal, if possible. */
function columnsToLeaveOut(widths: readonly number[], width = Number.POSITIVE_INFINITY): Set<number> {
  const leftOut = new Set<number>();
  let total = widths.slice(0, -1).reduce((sum, each) => sum + each + 2, OUTCOME_WIDTH);
  for (const column of OPTIONAL_COLUMNS) {
    if (total <= width) break;
    leftOut.add(column);
    total -= (widths[column] ?? 0) + 2;
  }
  return leftOut;
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
