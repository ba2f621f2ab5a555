import { InputError } from '../input/input-error.ts';
import { opensDocument } from '../input/json-text.ts';
import { peek } from '../input/peek.ts';
import type { TextFormat } from '../input/read-text.ts';
import { dialectOf, hasHeader, type Separator } from './csv-dialect.ts';
import { manifestError } from './manifest-error.ts';
import { MAX_ROW_UNITS } from './raw-row.ts';

/** The layout of a manifest or of a file of messages. `document`: one JSON object over several lines. */
export type Layout =
  | { kind: 'csv'; separator: Separator }
  | { kind: 'ndjson' }
  | { kind: 'array' }
  | { kind: 'document' };

/** How a file was read. */
export type FileFormat = TextFormat & { layout: Layout };

/** How a file was read, as fields of a log line. */
export function flatFormat(found: FileFormat | undefined): Record<string, string | boolean> {
  if (found === undefined) return {};
  const { layout, ...text } = found;
  const { kind: format, ...rest } = layout;
  return { format, ...text, ...rest };
}

type Kind = Layout['kind'];

const MARKUP =
  'is a document in HTML or XML, perhaps a login page or an error message: get the file again, or save it as CSV or JSON';

/** The format for each file name extension. It applies only if the content does not show the format. */
const EXTENSIONS = new Map<string, Kind>([
  ['csv', 'csv'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
  ['json', 'array'],
  ['tsv', 'csv'],
  ['txt', 'csv'],
]);

/** @throws ManifestError if a manifest cannot have this name */
export function kindByName(fileName: string): Kind {
  const extension = /\.([a-z]+)(?:\.gz)?$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
  const kind = EXTENSIONS.get(extension);
  if (kind) return kind;
  const known = [...EXTENSIONS.keys()].join(', .');
  throw manifestError('', `has an unknown file name extension: use one of .${known}, optionally followed by .gz`);
}

/**
 * Finds out which format a text file has. The first character shows whether it is JSON, because no name of a column begins with a bracket.
 * @param byName the format according to the file name
 */
export async function findKind(
  texts: AsyncIterable<string>,
  byName: Kind,
): Promise<{ kind: Kind; texts: AsyncGenerator<string> }> {
  const { first, all } = await peek(texts, (seen) => {
    const text = seen.join('');
    return hasFirstLine(text) || text.length > MAX_ROW_UNITS;
  });
  return { kind: kindOf(first.join(''), byName), texts: all };
}

/**
 * The format of a file that begins with `start`.
 * @param byName the format, if the content does not show it
 * @throws InputError for a web page or another document in HTML or XML
 */
export function kindOf(start: string, byName: Kind): Kind {
  const line = firstLine(start);
  if (line.startsWith('<')) throw new InputError(MARKUP);
  if (line.startsWith('[')) return 'array';
  if (line.startsWith('{')) return opensDocument(line) ? 'document' : 'ndjson';
  return byName === 'csv' || dialectOf(start).isCertain ? 'csv' : byName;
}

function firstLine(text: string): string {
  return text.trimStart().split(/[\r\n]/, 1)[0] ?? '';
}

function hasFirstLine(text: string): boolean {
  const start = text.trimStart();
  return /[\r\n]/.test(start) && (/^[[{]/.test(start) || hasHeader(start));
}
