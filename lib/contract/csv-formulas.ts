/**
 * Spreadsheets execute a cell that begins with = + - @, a tab or a line break: https://owasp.org/www-community/attacks/CSV_Injection. Where
 * cells are separated by semicolons, as in many locales, a cell also begins after each semicolon, and after a line break within quotes. So
 * the marks are set there too. Both expressions allow apostrophes before the formula: a text that looks marked gets one more mark.
 */
const BEFORE_FORMULA = /^(?='*[=+\-@\t\r\n])|(?<=[;\t\r\n])(?='*[=+\-@])/g;
const MARK_BEFORE_FORMULA = /^'(?='*[=+\-@\t\r\n])|(?<=[;\t\r\n])'(?='*[=+\-@])/g;

/** The text of a CSV cell in which no spreadsheet finds a formula: an apostrophe stands before each. Other texts stay as they are. */
export function markFormulas(text: string): string {
  return text.replaceAll(BEFORE_FORMULA, "'");
}

/** Undoes `markFormulas` exactly, whatever the text. */
export function unmarkFormulas(text: string): string {
  return text.replaceAll(MARK_BEFORE_FORMULA, '');
}
