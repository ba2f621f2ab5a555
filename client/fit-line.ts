import { stripVTControlCharacters } from 'node:util';

/** The maximum length of a line of help, which fits the narrowest terminal in common use. */
export const HELP_WIDTH = 80;

/**
 * The characters as people count them. A segmenter is created only if a text needs one, because creating the first one loads additional
 * data.
 */
function charactersOf(text: string): string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60]|\p{Emoji_Presentation}/u;

/**
 * The number of terminal columns that a string occupies. East Asian characters and emoji occupy two columns, and colour codes occupy none.
 */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of charactersOf(stripVTControlCharacters(text))) columns += WIDE.test(character) ? 2 : 1;
  return columns;
}

/** Cuts a line that is longer than the terminal is wide, and marks the cut. @param width undefined: the line is not cut */
export function fitLine(line: string, width: number | undefined): string {
  if (width === undefined || columnsOf(line) <= width) return line;
  let fitting = '';
  let left = width - 1;
  for (const character of charactersOf(line)) {
    left -= columnsOf(character);
    if (left < 0) break;
    fitting += character;
  }
  return `${fitting}…`;
}

/**
 * The width of a terminal in columns; undefined for a file or a pipe, where nothing may be cut, and for a terminal without a known width,
 * which reports 0 columns.
 */
export function widthOf(stream: { isTTY?: boolean; columns?: number }): number | undefined {
  return stream.isTTY && stream.columns ? stream.columns : undefined;
}

/** Adds spaces to the end of a string until it takes this many columns. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

/** Pads the cells of each row to the width of their column. @param numeric the indices of the columns that are aligned on the right */
export function alignColumns(rows: readonly (readonly string[])[], numeric: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, columnsOf(cell));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return numeric.includes(column) ? cell.padStart(width) : padColumns(cell, width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/**
 * Breaks a string at spaces into lines that fit. A word that is wider than a line, such as an ARN, is not broken. It gets a line of its own.
 * @param width undefined: the string is not broken
 * @param indent the beginning of all lines except the first. It is shortened if the next word would otherwise not fit
 */
export function wrapText(text: string, width: number | undefined, indent = ''): string[] {
  if (width === undefined || columnsOf(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.match(/\s*\S+/g) ?? []) {
    if (line !== '' && columnsOf(line) + columnsOf(word) > width) {
      lines.push(line);
      const start = word.trimStart();
      const room = width - columnsOf(start);
      line = (room < 0 ? indent : indent.slice(0, room)) + start;
    } else line += word;
  }
  return [...lines, line];
}

/** Breaks long lines. Each continuation is indented past the first columns of its line. @param width undefined: the lines are not broken */
export function wrapLines(lines: readonly string[], width: number | undefined): string[] {
  return lines.flatMap((line) => {
    const columns = /^.{0,28}\s{2,}/.exec(stripVTControlCharacters(line))?.[0].length ?? 0;
    return wrapText(line, width, ' '.repeat(columns + 2));
  });
}

/** Prints lines on standard error, wrapped to the width of the terminal. The continuation of a long line is indented. */
export function printNotes(lines: readonly string[]): void {
  for (const line of lines) for (const part of wrapText(line, widthOf(process.stderr), '    ')) console.error(part);
}

/** Prints lines on standard output, wrapped to the width of the terminal. */
export function printLines(lines: readonly string[]): void {
  for (const line of wrapLines(lines, widthOf(process.stdout))) console.log(line);
}
