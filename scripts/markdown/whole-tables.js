/**
 * A blank line within a table ends the table, and its remaining rows are shown as text. No built-in rule of markdownlint detects this.
 * @type {import('markdownlint').Rule}
 */
export default {
  names: ['whole-tables'],
  description: 'Tables contain no blank lines',
  tags: ['table'],
  parser: 'micromark',
  function: ({ parsers }, onError) => {
    for (const { type, startLine, text } of parsers.micromark.tokens) {
      if (type !== 'content' || !text.startsWith('|')) continue;
      onError({ lineNumber: startLine, detail: 'This row belongs to no table' });
    }
  },
};
