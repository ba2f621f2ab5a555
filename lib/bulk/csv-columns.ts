import '../contract/english.ts';
import { nearest } from '../contract/nearest.ts';
import type { Problem } from '../contract/problems.ts';
import { tagsSchema } from '../contract/tags.ts';
import { trimInvisible, withoutInvisible } from './invisible.ts';
import { ManifestError } from './manifest-error.ts';

/** Separates the logging configurations in one cell. An ARN does not contain this character. */
const LIST_SEPARATOR = '|';
const TAG_PREFIX = 'tag:';
const METADATA_PREFIX = 'metadata:';

/** No column name may contain a separator, because the names in a header show which separator the file uses. */
const SEPARATOR = /[,;\t]/;
const NO_SEPARATOR = 'contains a comma, a semicolon or a tab: use NDJSON for this key';

/** Writes the value of a cell into a row. The cell is not empty. */
type Fill = (row: CsvRow, cell: string) => void;

/** A row in the form that the contract expects. It has not been checked against the contract yet. */
export interface CsvRow {
  room: {
    messageReviewHandler?: Record<string, string>;
    tags?: Record<string, string>;
    [field: string]: unknown;
  };
  metadata?: Record<string, string>;
  [field: string]: unknown;
}

const COLUMNS = new Map<string, Fill>([
  ['key', ofRow('key')],
  ['region', ofRow('region')],
  ['tenant', ofRow('tenant')],
  ['releaseAt', ofRow('releaseAt')],
  ['name', ofRoom('name', (cell) => cell)],
  ['maximumMessageRatePerSecond', ofRoom('maximumMessageRatePerSecond', wholeNumber)],
  ['maximumMessageLength', ofRoom('maximumMessageLength', wholeNumber)],
  ['messageReviewHandler.uri', ofReviewHandler('uri')],
  ['messageReviewHandler.fallbackResult', ofReviewHandler('fallbackResult')],
  [
    'loggingConfigurationIdentifiers',
    ofRoom('loggingConfigurationIdentifiers', (cell) => cell.split(LIST_SEPARATOR).map((each) => each.trim())),
  ],
]);

/** The columns whose cells are converted to numbers. */
export const NUMBER_COLUMNS: ReadonlySet<string> = new Set(['maximumMessageRatePerSecond', 'maximumMessageLength']);

export const CSV_COLUMNS = [...COLUMNS.keys(), `${TAG_PREFIX}<key>`, `${METADATA_PREFIX}<key>`];

export interface CsvColumn {
  name: string;
  fill: Fill;
}

/**
 * Reads the header of a CSV file.
 * @returns the columns in their order; undefined for a column without a name
 * @throws ManifestError that names every column that is unknown or appears twice
 */
export function readHeader(cells: readonly string[]): (CsvColumn | undefined)[] {
  const names = cells.map(nameOfColumn);
  const problems = names.flatMap((name, index) => problemsOfColumn(name, names.indexOf(name) < index));
  if (problems.length > 0) throw new ManifestError(problems);
  return names.map((name) => (name === '' ? undefined : { name, fill: fillOf(name) }));
}

/**
 * The column name in a cell of the header. Invisible characters that come from web pages and spreadsheets are dropped, but the key of a tag
 * may contain a no-break space between words.
 */
export function nameOfColumn(cell: string): string {
  const name = trimInvisible(cell).text;
  const plain = withoutInvisible(name);
  return COLUMNS.has(plain) ? plain : name;
}

/** Whether this is the name of a column. */
export function isColumn(name: string): boolean {
  if (!name.startsWith(TAG_PREFIX) && !name.startsWith(METADATA_PREFIX)) return COLUMNS.has(name);
  return problemsOfColumn(name, false).length === 0;
}

function problemsOfColumn(name: string, isSecond: boolean): Problem[] {
  const path = `column "${name}"`;
  if (name === '') return [];
  if (isSecond) return [{ path, message: 'appears twice: remove one of the two columns' }];
  if (name.startsWith(TAG_PREFIX)) {
    const { error } = tagsSchema.safeParse({ [name.slice(TAG_PREFIX.length)]: '' });
    return (error?.issues ?? []).map(({ message }) => ({ path, message }));
  }
  if (name === METADATA_PREFIX) return [{ path, message: 'has no key: write metadata:<key>' }];
  if (name.startsWith(METADATA_PREFIX)) return SEPARATOR.test(name) ? [{ path, message: NO_SEPARATOR }] : [];
  if (COLUMNS.has(name)) return [];
  if (/\|/.test(name) && name.split('|').some((part) => COLUMNS.has(part.trim())))
    return [{ path, message: 'is a header separated by |: use commas, semicolons or tabs' }];
  const meant = meantColumn(name);
  const known = meant === undefined ? `; the columns are ${CSV_COLUMNS.join(', ')}` : `: did you mean "${meant}"?`;
  return [{ path, message: `is not a known column${known}` }];
}

/** The column that the author of an unknown name probably meant. Undefined if there is none. */
export function meantColumn(name: string): string | undefined {
  const prefix = [TAG_PREFIX, METADATA_PREFIX].find((each) => name.toLowerCase().startsWith(each));
  if (prefix !== undefined && name.length > prefix.length) return `${prefix}${name.slice(prefix.length)}`;
  const meant = nearest(name, [...CSV_COLUMNS, ...ALIASES.keys()]);
  return meant === undefined ? undefined : (ALIASES.get(meant) ?? meant);
}

/** Names that people may use for a column by mistake. */
const ALIASES = new Map([
  ['idempotencyKey', 'key'],
  ['uri', 'messageReviewHandler.uri'],
  ['fallbackResult', 'messageReviewHandler.fallbackResult'],
]);

function fillOf(name: string): Fill {
  if (name.startsWith(METADATA_PREFIX)) return ofMetadata(name.slice(METADATA_PREFIX.length));
  if (!name.startsWith(TAG_PREFIX)) return COLUMNS.get(name) ?? ofRow(name);
  const key = name.slice(TAG_PREFIX.length);
  return ({ room }, cell) => {
    room.tags = { ...room.tags, [key]: cell };
  };
}

/** The name of the column that sets a path of the contract, such as `room.tags["two words"]`. */
export function columnOf(path: string): string {
  const [, plain, quoted] = /^room\.tags(?:\.([\w$-]+)|\[(".*")\])$/.exec(path) ?? [];
  if (plain !== undefined) return `${TAG_PREFIX}${plain}`;
  if (quoted !== undefined) return `${TAG_PREFIX}${JSON.parse(quoted)}`;
  return path.replace(/^room\./, '').replace(/\[\d+\]$/, '');
}

function ofMetadata(key: string): Fill {
  return (row, cell) => {
    row.metadata = { ...row.metadata, [key]: cell };
  };
}

function ofRow(field: string): Fill {
  return (row, cell) => {
    row[field] = cell;
  };
}

function ofRoom(field: string, read: (cell: string) => unknown): Fill {
  return ({ room }, cell) => {
    room[field] = read(cell);
  };
}

/**
 * Some programs write whole numbers as `10.0`, for example pandas if the column has empty cells. A number with three zeros after the
 * separator is not converted, because in German, `1.000` is one thousand. Text that is not a whole number is not converted, so that the
 * contract refuses it.
 */
function wholeNumber(cell: string): number | string {
  const digits = /^\s*(\d+)(?:[.,]0{1,2})?\s*$/.exec(cell)?.[1];
  return digits === undefined ? cell : Number(digits);
}

function ofReviewHandler(field: 'uri' | 'fallbackResult'): Fill {
  return ({ room }, cell) => {
    room.messageReviewHandler = { ...room.messageReviewHandler, [field]: cell };
  };
}
