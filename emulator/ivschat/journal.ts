import { appendFileSync, closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface Journal {
  /** Once this call returns, the entry survives a kill of the process, but not a crash of the machine. */
  append(entry: unknown): void;
  close(): void;
}

/**
 * Reads the entries of a journal: one JSON value per line. If the last line has no line break, the process was killed while it wrote that
 * line. The line is left out, because the call that it records was never answered.
 *
 * @throws Error that names the line if a complete line cannot be read
 */
export function readJournal(path: string): unknown[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.slice(0, -1).map((line, index): unknown => {
    try {
      return JSON.parse(line);
    } catch (cause) {
      throw new Error(`${path}:${index + 1} is not JSON`, { cause });
    }
  });
}

/** Starts a journal with these entries. The file is replaced atomically. */
export function startJournal(path: string, entries: unknown[]): Journal {
  writeFileSync(`${path}.new`, entries.map(line).join(''));
  renameSync(`${path}.new`, path);
  const file = openSync(path, 'a');
  return {
    append: (entry) => appendFileSync(file, line(entry)),
    close: () => closeSync(file),
  };
}

function line(entry: unknown): string {
  return `${JSON.stringify(entry)}\n`;
}
