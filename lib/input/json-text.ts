/** The state of a scan through JSON: how many brackets are open, whether it is in a string and, if so, whether it is just after a backslash. */
export interface JsonPosition {
  depth: number;
  inString: boolean;
  escaped: boolean;
}

/** Moves the position past one character. @returns whether the character is part of a string */
export function pass(position: JsonPosition, character: string | undefined): boolean {
  if (position.inString) {
    if (position.escaped) position.escaped = false;
    else if (character === '\\') position.escaped = true;
    else if (character === '"') position.inString = false;
    return true;
  }
  if (character === '"') position.inString = true;
  else if (character === '[' || character === '{') position.depth += 1;
  else if (character === ']' || character === '}') position.depth -= 1;
  return position.inString;
}

/**
 * Whether a line leaves a bracket open, and so begins a JSON document that continues on the next line. A string cannot continue there,
 * because JSON allows no line break in a string. A complete line of NDJSON is therefore never mistaken for such a beginning.
 */
export function opensDocument(line: string): boolean {
  const position: JsonPosition = { depth: 0, inString: false, escaped: false };
  for (const character of line) pass(position, character);
  return position.depth > 0 && !position.inString;
}
