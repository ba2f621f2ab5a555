import { printable } from '../../client/completion-line.ts';

/** A message body for a terminal: JSON indented, and what could play tricks there made visible. */
export function bodyForTerminal(body: string): string {
  try {
    return printableLines(JSON.stringify(JSON.parse(body), null, 2));
  } catch {
    return printableLines(body);
  }
}

/** As `printable`, and lines stay lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
