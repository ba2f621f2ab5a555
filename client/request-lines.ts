import { toMessageText } from '../lib/platform/message-text.ts';
import { withPresentTimes } from './placeholders.ts';
import { UserError } from './user-error.ts';

/** One message body of a requests file, as it is to be sent. */
export interface RequestLine {
  /** From 1. */
  number: number;
  /** What messages to the user call it: `line 3` of NDJSON, `entry 3` of a JSON document. */
  name: string;
  body: string;
}

/**
 * The message bodies of a text, in whatever envelopes: NDJSON, one per line, or one JSON document, a list of them or a
 * single one. NDJSON is read line by line; its lines are not parsed here, so that broken ones can be sent too. What SQS
 * does not take is escaped. Each `{{now}}` becomes the present time, and `{{now+PT45M}}` one that is later by this much.
 *
 * Lines are split here and not by `node:readline`, which also splits at U+2028, allowed within JSON.
 *
 * @param chunks the text in UTF-8, in pieces of any size; an error of the source is passed on
 * @throws UserError if a text that begins as one JSON document isn't one
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

/** No message begins with a list, and a line that only opens an object is none: what follows is one document over many lines. */
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
    throw new UserError(`The requests are one JSON document, and it cannot be read: ${reason}`, { cause: error });
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
