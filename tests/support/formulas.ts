import fc from 'fast-check';

/** Texts that are, contain or resemble formulas, and texts that look as if their formulas were marked already. */
export function textsWithFormulas(): fc.Arbitrary<string> {
  const parts = fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', "'", ';', ',', '"', ' ', 'x', '1', '=1+1');
  return fc.array(parts, { maxLength: 8 }).map((all) => all.join(''));
}

/**
 * The formulas that a spreadsheet finds in a CSV text if it separates cells by semicolons or tabs, or only by line breaks. Quoting a cell
 * does not prevent this, because the cell then begins in the middle of the spreadsheet's cell, where a quote is an ordinary character.
 */
export function formulasFound(csv: string): string[] {
  return csv.split(/[;\t\r\n]/).filter((cell) => /^[=+\-@]/.test(cell));
}
