import { LARGE_SHARE, LONG_FUNCTION, type Summary } from './summary.ts';

export interface Column extends Summary {
  name: string;
}

/** Prints the summaries side by side, and the complete lists for the last one. */
export function printSummaries(columns: readonly Column[]): void {
  printTable('lines of directory', columns, ({ directories }) => directories);
  printTable('figure', columns, ({ figures }) => figures);
  printTable('to be examined', columns, ({ longFunctions, largeDirectories, cycles }) => ({
    [`production functions over ${LONG_FUNCTION} lines`]: longFunctions.length,
    [`directories with over ${LARGE_SHARE * 100}% of lib's lines`]: largeDirectories.length,
    'import cycles': cycles.length,
  }));
  const last = columns.at(-1);
  for (const { file, line, name, lines } of last?.longFunctions ?? [])
    console.log(`${file}:${line} ${name}: ${lines} lines`);
  for (const directory of last?.largeDirectories ?? []) console.log(`${directory} is large`);
  for (const cycle of last?.cycles ?? []) console.log(`cycle: ${cycle.join(', ')}`);
}

function printTable(
  title: string,
  columns: readonly Column[],
  valuesOf: (column: Column) => Record<string, number>,
): void {
  const values = columns.map(valuesOf);
  const names = [...new Set(values.flatMap((each) => Object.keys(each)))];
  const rows = [
    [title, ...columns.map(({ name }) => name)],
    ...names.map((name) => [name, ...values.map((each) => String(each[name] ?? '–'))]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) console.log(row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  '));
  console.log();
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
