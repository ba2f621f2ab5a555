/**
 * Spreadsheets execute a cell that begins with = + - @, a tab or a line break: https://owasp.org/www-community/attacks/CSV_Injection. If a
 * spreadsheet separates cells by semicolons, as in many locales, a cell also begins after each semicolon, and after a line break within
 * quotes. Formulas in these places are marked too. Both expressions allow apostrophes before the formula, so that a string that already has
 * a mark gets another, and `unmarkFormulas` restores it exactly.
 */
const BEFORE_FORMULA = /^(?='*[=+\-@\t\r\n])|(?<=[;\t\r\n])(?='*[=+\-@])/g;
const MARK_BEFORE_FORMULA = /^'(?='*[=+\-@\t\r\n])|(?<=[;\t\r\n])'(?='*[=+\-@])/g;

/** Marks each formula in a CSV cell with an apostrophe before it, so that no spreadsheet executes it. Other text does not change. */
export function markFormulas(text: string): string {
  return text.replaceAll(BEFORE_FORMULA, "'");
}

/** Reverses `markFormulas` exactly, for every string. */
export function unmarkFormulas(text: string): string {
  return text.replaceAll(MARK_BEFORE_FORMULA, '');
}
