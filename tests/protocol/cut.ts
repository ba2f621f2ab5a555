/** A change of a source file. The file must contain `find` exactly once. */
export interface Cut {
  /** The path in `lib`. */
  file: string;
  find: string;
  replacement: string;
}

/** @throws Error if the file does not contain `find` exactly once, because the table of rules is then out of date */
export function makeCuts(source: string, cuts: readonly Cut[]): string {
  return cuts.reduce((text, { file, find, replacement }) => {
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`lib/${file} contains this text ${times} times instead of once: ${find}`);
    return text.replace(find, () => replacement);
  }, source);
}
