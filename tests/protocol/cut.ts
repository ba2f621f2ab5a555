/** A change of a source file: `find` must stand in it exactly once. */
export interface Cut {
  /** Within lib. */
  file: string;
  find: string;
  replacement: string;
}

/** @throws Error if a text to find is not there exactly once: then the table of rules is out of date. */
export function makeCuts(source: string, cuts: readonly Cut[]): string {
  return cuts.reduce((text, { file, find, replacement }) => {
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`lib/${file} holds ${times} times, and not once: ${find}`);
    return text.replace(find, () => replacement);
  }, source);
}
