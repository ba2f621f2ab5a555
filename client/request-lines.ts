import { type FileFormat, kindOf, type Layout } from '../lib/bulk/manifest-format.ts';
import { documentProblem } from '../lib/bulk/read-ndjson.ts';
import { jsonLosses } from '../lib/contract/json-losses.ts';
import { jsonMistake } from '../lib/contract/json-mistakes.ts';
import { problemText } from '../lib/contract/problem-text.ts';
import { InputError } from '../lib/input/input-error.ts';
import { isUnicode, readText } from '../lib/input/read-text.ts';
import { toMessageText } from '../lib/platform/message-text.ts';
import { linesOf } from './lines.ts';
import { withPresentTimes } from './placeholders.ts';
import { typed } from './typed-command.ts';
import { UserError } from './user-error.ts';

/** The same number of characters as the maximum number of bytes of a manifest. */
const MAX_HELD_UNITS = 100 * 1_048_576;

/** One message body of a requests file, ready to be sent. */
export interface RequestLine {
  /** Counted from 1. */
  number: number;
  /** Its name in messages to the user: `line 3` of NDJSON, `entry 3` of a JSON document. */
  name: string;
  body: string;
}

export interface RequestFile {
  /** The name of the file in error messages. */
  name?: string;
  /** The encoding, as a label of the Encoding Standard. By default, the file must be UTF-8, or show that it is UTF-16. */
  encoding?: string | undefined;
  /** Is called once, before the first line. */
  onFormat?: (format: FileFormat) => void;
}

/**
 * The message bodies in a text stream, in any envelope: NDJSON with one body per line, or a JSON document that is a list of bodies or a single
 * body. Lines of NDJSON are not parsed here, so that invalid lines can be sent too. Characters that SQS does not accept are escaped.
 * `withPresentTimes` replaces `{{now}}`.
 *
 * @param chunks the file in pieces of any size; an error of the source is passed on
 * @throws UserError if the file cannot be read with certainty, is a CSV file, begins as one JSON document that is not valid JSON, or has a
 *   document or a line that is too long
 */
export async function* readRequestLines(
  chunks: AsyncIterable<Buffer | string>,
  now: () => Date,
  file: RequestFile = {},
): AsyncGenerator<RequestLine> {
  try {
    yield* bodiesOf(chunks, now, file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new UserError(`${file.name ?? 'The file'} ${error.message}`, { cause: error });
  }
}

async function* bodiesOf(
  chunks: AsyncIterable<Buffer | string>,
  now: () => Date,
  { name = 'FILE', encoding, onFormat = () => undefined }: RequestFile,
): AsyncGenerator<RequestLine> {
  const dated = (text: string) => withPresentTimes(text, now());
  const { texts, ...format } = await readText(inBytes(chunks), encoding);
  let layout: Layout | undefined;
  let document = '';
  // Lines are sent while the file is read, but a damaged compressed file or a wrong encoding may be noticed only at its end.
  const isCertain = isUnicode(format.encoding) && !format.isCompressed;
  const bounded = withinMemory(texts, () => isCertain && layout?.kind === 'ndjson');
  for await (const { number, text } of readLines(isCertain ? bounded : atOnce(bounded))) {
    if (layout === undefined) {
      if (text.trim() === '') continue;
      layout = layoutOf(text, name);
      onFormat({ ...format, layout });
    }
    if (layout.kind !== 'ndjson') document += `${text}\n`;
    else if (text.trim() !== '') yield { number, name: `line ${number}`, body: toMessageText(dated(text)) };
  }
  if (document !== '') yield* entriesOf(dated(document));
}

/**
 * No message is a list, and a line that leaves a bracket open is not a whole message. In both cases the text is a single JSON document.
 * @throws InputError if the line is the header of a CSV file
 */
function layoutOf(firstLine: string, name: string): Layout {
  const kind = kindOf(firstLine, 'ndjson');
  if (kind === 'csv')
    throw new InputError(`is a CSV file: to request a room for each row, use ${typed(`bulk ${name}`)}`);
  return { kind };
}

async function* inBytes(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/**
 * Refuses a file if too much of it, such as a whole JSON document or a long line, must be in memory at once. An input that never ends would
 * otherwise fill the memory.
 * @param isStreamed whether lines that have been read are no longer needed
 * @throws InputError
 */
async function* withinMemory(texts: AsyncIterable<string>, isStreamed: () => boolean): AsyncGenerator<string> {
  let heldUnits = 0;
  for await (const text of texts) {
    const lineEnd = text.lastIndexOf('\n');
    heldUnits = isStreamed() && lineEnd >= 0 ? text.length - lineEnd : heldUnits + text.length;
    if (heldUnits > MAX_HELD_UNITS)
      throw new InputError(
        'contains more than 100 MiB that must be read at once: write one message per line, or split it',
      );
    yield text;
  }
}

async function* atOnce(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let whole = '';
  for await (const text of texts) whole += text;
  yield whole;
}

function entriesOf(document: string): RequestLine[] {
  const entries = [parseDocument(document)].flat();
  refuseLosses(document);
  return entries.map((entry, index) => ({
    number: index + 1,
    name: `entry ${index + 1}`,
    body: toMessageText(JSON.stringify(entry)),
  }));
}

function parseDocument(document: string): unknown {
  try {
    return JSON.parse(document.trim());
  } catch (error) {
    const reason = jsonMistake(document, error);
    const message = document.trimStart().startsWith('[')
      ? `is a JSON list that cannot be read: ${reason}`
      : documentProblem(document, reason);
    throw new InputError(message, { cause: error });
  }
}

/** The command serializes the entries again, so the service could not detect what is missing. */
function refuseLosses(document: string): void {
  const losses = jsonLosses(document).map(problemText);
  if (losses.length > 0) throw new InputError(`cannot be read without a loss: ${losses.slice(0, 5).join('; ')}`);
}

async function* readLines(texts: AsyncIterable<string>): AsyncGenerator<{ number: number; text: string }> {
  let number = 0;
  for await (const line of linesOf(texts)) yield { number: ++number, text: plain(line) };
}

/** A line without its carriage return, and without the byte order mark that a joined file may have at the start of a line. */
function plain(line: string): string {
  return line.replace(/^\ufeff/, '').replace(/\r$/, '');
}
