import type { Log } from '../../lib/platform/log.ts';

interface Line {
  atMs: number;
  text: string;
}

/** The log groups of the functions, by the names of the functions. */
export interface Logs {
  /** A logger whose lines have the fields that the functions' logger writes. */
  logOf(functionName: string): Log;
  write(functionName: string, text: string): void;
  /** The lines since a time, in the order in which they were written. */
  since(functionName: string, sinceMs: number): string[];
}

export function createLogs(nowMs: () => number): Logs {
  const groups = new Map<string, Line[]>();

  function write(functionName: string, text: string): void {
    const lines = groups.get(functionName) ?? [];
    groups.set(functionName, lines);
    lines.push({ atMs: nowMs(), text });
  }

  return {
    write,
    since: (functionName, sinceMs) =>
      (groups.get(functionName) ?? []).filter(({ atMs }) => atMs >= sinceMs).map(({ text }) => text),
    logOf(functionName) {
      const at =
        (level: string) =>
        (message: unknown, ...fields: unknown[]): void => {
          const line = { level, message, timestamp: new Date(nowMs()).toISOString(), function_name: functionName };
          write(functionName, JSON.stringify(Object.assign(line, ...fields), describeErrors));
        };
      return { debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
    },
  };
}

function describeErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value;
}

/**
 * Whether a line matches a filter pattern: it must contain every `"phrase"` and every `term`, and at least one of the terms with `?`.
 * "Terms […] are case sensitive": https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html. The page does
 * not say whether a term may be a part of a word, so here it must be a whole word.
 * @throws Error if the pattern uses anything else
 */
export function matchesFilter(line: string, pattern: string): boolean {
  const terms = pattern.match(/\??"[^"]*"|\S+/g) ?? [];
  const read = terms.map((term) => {
    const [, optional, text = ''] = /^(\??)"?([^"]*)"?$/.exec(term) ?? [];
    if (/^[-{[%]/.test(text)) throw new Error(`The filter pattern ${pattern} is not supported here`);
    return { isOptional: optional === '?', isFound: hasWords(line, text) };
  });
  const options = read.filter(({ isOptional }) => isOptional);
  const isAllFound = read.every(({ isOptional, isFound }) => isOptional || isFound);
  return isAllFound && (options.length === 0 || options.some(({ isFound }) => isFound));
}

function hasWords(line: string, words: string): boolean {
  const escaped = words.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`).test(line);
}
