import { manifestError } from './manifest-error.ts';
import type { RawRow } from './raw-row.ts';
import { parseJsonRow } from './read-ndjson.ts';
import { MAX_ROW_UNITS } from './text-chunks.ts';

/** The state of the splitter: how many brackets are open, whether it is in a string and, if so, whether it is just after a backslash. */
interface Position {
  depth: number;
  inString: boolean;
  escaped: boolean;
}

/**
 * Rows of one JSON array, element by element. The splitter looks only for the commas and the brackets of the array itself. `JSON.parse`
 * parses each element between them, so that only valid JSON is accepted.
 * @throws ManifestError if the text is not exactly one complete array
 */
export async function* readJsonArray(texts: AsyncIterable<string>): AsyncGenerator<RawRow> {
  const position: Position = { depth: 0, inString: false, escaped: false };
  let phase: Phase = 'before';
  let row = 0;
  let element = '';
  for await (const text of texts) {
    for (const piece of pieces(text, position)) {
      element += piece.text;
      checkElement(element, row, phase, piece.ends);
      if (piece.ends === undefined) continue;
      const isEmptyArray = piece.ends === ']' && row === 0 && element.trim() === '';
      if (piece.ends !== '[' && !isEmptyArray) yield parseJsonRow(++row, element);
      phase = piece.ends === ']' ? 'after' : 'within';
      element = '';
    }
  }
  if (phase === 'before') throw manifestError('', NO_ARRAY);
  if (phase === 'within') throw manifestError('', 'ends in the middle of its array');
}

type Phase = 'before' | 'within' | 'after';
const NO_ARRAY = 'must be a JSON array: [ … ]';

function checkElement(element: string, row: number, phase: Phase, ends: string | undefined): void {
  if (phase === 'before' && element.trim() !== '') throw manifestError('', NO_ARRAY);
  if (phase === 'after' && (element.trim() !== '' || ends !== undefined))
    throw manifestError('', 'continues after the end of its array');
  if (element.length > MAX_ROW_UNITS) throw manifestError(`row ${row + 1}`, 'is longer than 1 MiB');
}

/** Splits a text at the brackets and commas of the outermost array, and leaves them out. `position` keeps the state for the next text. */
function* pieces(text: string, position: Position): Generator<{ text: string; ends?: '[' | ',' | ']' }> {
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (position.inString) {
      if (position.escaped) position.escaped = false;
      else if (character === '\\') position.escaped = true;
      else if (character === '"') position.inString = false;
      continue;
    }
    const ends = step(character, position);
    if (ends === undefined) continue;
    yield { text: text.slice(start, index), ends };
    start = index + 1;
  }
  yield { text: text.slice(start) };
}

function step(character: string | undefined, position: Position): '[' | ',' | ']' | undefined {
  switch (character) {
    case '"':
      position.inString = true;
      return undefined;
    case '[':
    case '{':
      position.depth += 1;
      return character === '[' && position.depth === 1 ? '[' : undefined;
    case ']':
    case '}':
      position.depth -= 1;
      return character === ']' && position.depth === 0 ? ']' : undefined;
    case ',':
      return position.depth === 1 ? ',' : undefined;
    default:
      return undefined;
  }
}
