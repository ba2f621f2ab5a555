import { toMessageText } from '../lib/platform/message-text.ts';
import { withPresentTimes } from './placeholders.ts';
import { UserError } from './user-error.ts';

/** One message body of a requests file, ready to be sent. */
export interface RequestLine {
  /** Counted from 1. */
  number: number;
  /** Its name in messages to the user: `line 3` of NDJSON, `entry 3` of a JSON document. */
  name: string;
  body: string;
}

/**
 * The message bodies of a text, in any envelope: NDJSON with one body per line, or a JSON document that is a list of bodies or a single
 * body. Lines of NDJSON are not parsed here, so that invalid lines can be sent too. Characters that SQS does not accept are escaped.
 * `withPresentTimes` replaces `{{now}}`.
 *
 * The lines are not split by `node:readline`, because it also splits at U+2028, which JSON allows.
 *
 * @param chunks the text in UTF-8, in pieces of any size; an error of the source is passed on
 * @throws UserError if a text that begins as one JSON document is not valid JSON
 */
export async function* readRequestLines(
  chunks: AsyncIterable<Buffer | string>,
  now: () => Date,
): AsyncGenerator<RequestLine> {
  const dated = (text: string) => withPresentTimes(text, now());
  let isFirst = true;
  let document: string | undefined;
  for await (const { number, text } of readLines(chunks)) {
    if (document !== undefined) document += `\n${text}`;
    else if (text.trim() === '') continue;
    else if (isFirst && opensDocument(text)) document = text;
    else yield { number, name: `line ${number}`, body: toMessageText(dated(text)) };
    isFirst = false;
  }
  if (document !== undefined) yield* entriesOf(dated(document));
}

/** No message is a list, and a line that only opens an object is not a whole message. In both cases the text is a single JSON document. */
function opensDocument(text: string): boolean {
  return text.trim().startsWith('[') || text.trim() === '{';
}

function entriesOf(document: string): RequestLine[] {
  const entries = [parseDocument(document)].flat();
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
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`The requests are a single JSON document, which cannot be read: ${reason}`, { cause: error });
  }
}

async function* readLines(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<{ number: number; text: string }> {
  const decoder = new TextDecoder();
  let number = 0;
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield { number: ++number, text: withoutReturn(line) };
  }
  rest += decoder.decode();
  if (rest !== '') yield { number: number + 1, text: withoutReturn(rest) };
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
