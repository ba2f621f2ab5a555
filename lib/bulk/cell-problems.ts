import { trimInvisible } from './invisible.ts';
import { LITERAL_METADATA } from './manifest-settings.ts';

/**
 * The text that SQL tools, pandas, R, JavaScript and Python write for a missing value, or that spreadsheets show for a formula without a
 * result. Spreadsheets translate this text: `#NV` and `#WERT!` are German.
 */
const MISSING = /^(?:null|nil|nan|-nan|n\/a|undefined|<na>|\(null\)|<null>|\[null\])$/i;
const MISSING_EXACTLY = /^(?:NA|None|NaT|\\N)$/;
const FORMULA_ERROR = /^#(?:N\/A(?: N\/A)?|NA|NV|N\/D|[A-Z\u00c0-\u00dc][A-Z\u00c0-\u00dc0/]*[!?])$/;

/**
 * A long number in the form in which spreadsheets and pandas write it, such as `1.23457E+12`. The other digits are lost. `12E5` is
 * accepted, because it may be the name of a room.
 */
const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d+)?e[+-]\d+$/i;

/** A whole number in the form in which pandas writes it if the column has empty cells: `1001.0`. */
const DECIMAL = /^\d+\.0$/;

const UNLESS_MEANT = `use --literal (in S3: the metadata ${LITERAL_METADATA}: true) if this text is intended`;

/** Lines that SQL clients add to a table: `(2 rows)`, `(1 row affected)`, and dashes below the header. */
const ROW_COUNT = /^\(\d+ rows?(?: affected)?\)$/i;
const DASHES = /^-{2,}$/;

/** Why a row is probably not part of the table; undefined if it probably is. */
export function problemOfRow(cells: readonly string[]): string | undefined {
  const given = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
  const [only = ''] = given;
  if (given.length === 1 && ROW_COUNT.test(only))
    return `is the number of rows, which SQL clients add: delete the row; ${UNLESS_MEANT}`;
  if (given.length === cells.length && given.every((cell) => DASHES.test(cell)))
    return `contains only dashes, which SQL clients write below the header: delete the row; ${UNLESS_MEANT}`;
  return undefined;
}

/** Why a cell probably does not contain what its author meant; undefined if it probably does. The contract has not checked the cell yet. */
export function problemOfCell(column: string, cell: string): string | undefined {
  const { text, atStart, atEnd } = trimInvisible(cell);
  if (atStart !== undefined) return `begins with ${atStart}: delete this invisible character; ${UNLESS_MEANT}`;
  if (atEnd !== undefined) return `ends with ${atEnd}: delete this invisible character; ${UNLESS_MEANT}`;
  if (text.includes('\ufffd'))
    return `contains "\ufffd" (U+FFFD), which programs write for a letter that they could not read: correct the text; ${UNLESS_MEANT}`;
  if (MISSING.test(text) || MISSING_EXACTLY.test(text) || FORMULA_ERROR.test(text))
    return `is "${text}", which programs write for a missing value: leave the cell empty; ${UNLESS_MEANT}`;
  if (SCIENTIFIC.test(text))
    return `is "${text}", a number that has lost digits: format the column as text, and enter it again; ${UNLESS_MEANT}`;
  if (column === 'key' && DECIMAL.test(text))
    return `is "${text}", probably a whole number that was written with a decimal part: remove the decimal part; ${UNLESS_MEANT}`;
  return undefined;
}
