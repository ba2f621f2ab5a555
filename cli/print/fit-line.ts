/** No line of a help is longer, so that it fits the narrowest terminal that is still common. */
export const HELP_WIDTH = 80;

/** Cuts a line that is longer than the terminal is wide, and marks the cut. @param width undefined: the line is not cut */
export function fitLine(line: string, width: number | undefined): string {
  return width === undefined || line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

/** The width of a terminal in columns; undefined for a file or a pipe, where nothing may be cut. */
export function widthOf(stream: { isTTY?: boolean; columns?: number }): number | undefined {
  return stream.isTTY ? stream.columns : undefined;
}

/** Pads the cells of each row to the width of their column. @param numeric the indices of the columns that are aligned on the right */
export function alignColumns(rows: readonly (readonly string[])[], numeric: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return numeric.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/**
 * Breaks a text at spaces into lines that fit. A longer word, such as an ARN, is not broken.
 * @param width undefined: the text is not broken
 * @param indent the beginning of all lines except the first
 */
export function wrapText(text: string, width: number | undefined, indent = ''): string[] {
  if (width === undefined || text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.match(/\s*\S+/g) ?? []) {
    if (line !== '' && line.length + word.length > width) {
      lines.push(line);
      line = `${indent}${word.trimStart()}`;
    } else line += word;
  }
  return [...lines, line];
}

/** Prints lines on standard output. On a terminal, long lines continue below their text, and not below their first columns. */
export function printLines(lines: readonly string[]): void {
  const width = widthOf(process.stdout);
  for (const line of lines) {
    const columns = /^.{0,28}\s{2,}/.exec(line)?.[0].length ?? 0;
    for (const part of wrapText(line, width, ' '.repeat(columns + 2))) console.log(part);
  }
}
