/** The figures of a benchmark, and their bounds. */

export type Unit = keyof typeof formats;

export interface Bound {
  atLeast?: number;
  atMost?: number;
}

export interface Row {
  figure: string;
  unit: Unit;
  /** One value per column of the table. A value that does not exist is undefined. */
  values: readonly (number | undefined)[];
  bound?: Bound;
  /** The columns to which the bound applies. Default: all. A control may miss its bound. */
  boundColumns?: readonly number[];
}

export interface Table {
  /** The scenario's name. */
  scenario: string;
  title: string;
  columns: readonly string[];
  rows: readonly Row[];
  /** Explanations that a reader needs to understand the table. */
  notes?: readonly string[];
}

/** Whether the row meets its bound. A missing value (undefined or NaN) misses it. */
export function holds({ bound, values, boundColumns }: Row): boolean {
  if (!bound) return true;
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = bound;
  return values.every(
    (value, column) =>
      (boundColumns && !boundColumns.includes(column)) || (value !== undefined && value >= atLeast && value <= atMost),
  );
}

export function allHold(tables: readonly Table[]): boolean {
  return tables.every(({ rows }) => rows.every(holds));
}

const MISSING = '–';

const formats = {
  share: (value: number) => `${(value * 100).toFixed(Math.abs(value) < 0.01 && value !== 0 ? 2 : 1)}%`,
  count: (value: number) => value.toLocaleString('en'),
  'per-second': (value: number) => `${value.toFixed(2)}/s`,
  seconds: (value: number) => `${value.toFixed(value < 100 ? 2 : 0)} s`,
  hours: (value: number) => `${value.toFixed(2)} h`,
  ratio: (value: number) => value.toFixed(4),
  milliseconds: (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`,
  number: (value: number) => value.toFixed(2),
  dollars: (value: number) => `$${value.toFixed(4)}`,
  significant: (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 3 }),
};

export function formatValue(value: number | undefined, unit: Unit): string {
  return value === undefined || Number.isNaN(value) ? MISSING : formats[unit](value);
}

/** The table as a Markdown table, so that the output can be copied to a document. It has a column for bounds if there are any. */
export function tableLines({ title, columns, rows, notes = [] }: Table): string[] {
  const hasBounds = rows.some(({ bound }) => bound);
  const cells = rows.map((row) => [
    row.figure,
    ...columns.map((_, column) => formatValue(row.values[column], row.unit)),
    ...(hasBounds ? [boundText(row)] : []),
  ]);
  const all = [['', ...columns, ...(hasBounds ? ['bound'] : [])], ...cells];
  const widths = all.reduce<number[]>(
    (known, line) => line.map((cell, column) => Math.max(known[column] ?? 3, cell.length)),
    [],
  );
  const lay = (line: string[]) =>
    `| ${line.map((cell, column) => pad(cell, widths[column] ?? 0, column > 0)).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => `${'-'.repeat(width + 1)}${column > 0 ? ':' : '-'}`).join('|')}|`;
  const [head = [], ...body] = all;
  return [`**${title}**`, '', lay(head), rule, ...body.map(lay), ...notes.flatMap((note) => ['', note])];
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}

function boundText(row: Row): string {
  if (!row.bound) return '';
  const { atLeast, atMost } = row.bound;
  const limits = [
    ...(atLeast === undefined ? [] : [`≥ ${formatValue(atLeast, row.unit)}`]),
    ...(atMost === undefined ? [] : [`≤ ${formatValue(atMost, row.unit)}`]),
  ];
  return `${limits.join(', ')} ${holds(row) ? 'holds' : 'MISSED'}`;
}
