import { type JsonPosition, pass } from '../input/json-text.ts';
import { manifestError } from './manifest-error.ts';
import { MAX_ROW_UNITS, type RawRow } from './raw-row.ts';
import { parseJsonRow } from './read-ndjson.ts';

/**
 * Rows of one JSON array, element by element. The splitter looks only for the commas and the brackets of the array itself. `JSON.parse`
 * parses each element between them, so that only valid JSON is accepted.
 * @throws ManifestError if the text is not exactly one complete array
 */
export async function* readJsonArray(texts: AsyncIterable<string>, literal = false): AsyncGenerator<RawRow> {
  const position: JsonPosition = { depth: 0, inString: false, escaped: false };
  let phase: Phase = 'before';
  let row = 0;
  let element = '';
  for await (const text of texts) {
    for (const piece of pieces(text, position)) {
      element += piece.text;
      checkElement(element, row, phase, piece.ends);
      if (piece.ends === undefined) continue;
      const isEmptyArray = piece.ends === ']' && row === 0 && element.trim() === '';
      if (piece.ends !== '[' && !isEmptyArray) yield readElement(++row, element, literal);
      phase = piece.ends === ']' ? 'after' : 'within';
      element = '';
    }
  }
  if (phase === 'before') throw manifestError('', NO_ARRAY);
  if (phase === 'within') throw manifestError('', 'ends in the middle of its array');
}

/** An element of an array. It is empty if a comma follows the last row. */
function readElement(row: number, element: string, literal: boolean): RawRow {
  if (element.trim() !== '') return parseJsonRow(row, element, literal);
  const problems = [{ path: '', message: 'is not JSON, because it is empty: remove the extra comma' }];
  return { row, problems, placeOf: (path) => path, written: element };
}

type Phase = 'before' | 'within' | 'after';
const NO_ARRAY = 'must be a JSON array: [ … ]';

function checkElement(element: string, row: number, phase: Phase, ends: string | undefined): void {
  if (phase === 'before' && element.trim() !== '') throw manifestError('', NO_ARRAY);
  if (phase === 'after' && (element.trim() !== '' || ends !== undefined))
    throw manifestError('', 'continues after the end of its array');
  if (element.length > MAX_ROW_UNITS) throw manifestError(`row ${row + 1}`, 'is longer than 1 MiB');
}

/** Splits a string at the brackets and commas of the outermost array, and leaves them out. `position` keeps the state for the next string. */
function* pieces(text: string, position: JsonPosition): Generator<{ text: string; ends?: '[' | ',' | ']' }> {
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    const ends = pass(position, character) ? undefined : boundary(character, position);
    if (ends === undefined) continue;
    yield { text: text.slice(start, index), ends };
    start = index + 1;
  }
  yield { text: text.slice(start) };
}

/** Whether a character outside strings belongs to the outermost array. The position is already past it. */
function boundary(character: string | undefined, { depth }: JsonPosition): '[' | ',' | ']' | undefined {
  if (character === '[' && depth === 1) return '[';
  if (character === ']' && depth === 0) return ']';
  return character === ',' && depth === 1 ? ',' : undefined;
}
