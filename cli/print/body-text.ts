import { printable } from '../../client/completion-line.ts';

/** A message body for a terminal: indented JSON with visible control characters. */
export function bodyForTerminal(body: string): string {
  try {
    return printableLines(JSON.stringify(JSON.parse(body), null, 2));
  } catch {
    return printableLines(body);
  }
}

/** Like `printable`, but keeps line breaks. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
