import { styleText } from 'node:util';
import { failureDetails, paintOutcome, printable } from '../../client/completion-line.ts';
import { unwrap } from '../../lib/contract/envelopes.ts';
import { outcomeText } from './outcome-of.ts';
import type { Tracked } from './run-record.ts';

const HEADINGS = ['line', 'key', 'envelope', 'region', 'room', 'seconds', 'outcome'];

/** The outcomes of the requests, one line each. */
export function outcomeTable(requests: readonly Tracked[]): string[] {
  const rows = requests.map(cellsOf);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const pad = (cells: string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).slice(0, -1);
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
