import { expect, test } from '@jest/globals';
import { formatLine } from '../../../cli/print/format-line.ts';
import type { FileFormat } from '../../../lib/bulk/manifest-format.ts';

test.each<[FileFormat, string]>([
  [
    { encoding: 'utf-16le', isCompressed: false, layout: { kind: 'csv', separator: ';' } },
    'Read a as UTF-16, separated by semicolons, 2 rows',
  ],
  [
    { encoding: 'windows-1252', isCompressed: true, layout: { kind: 'csv', separator: '\t' } },
    'Read a as windows-1252, unpacked with gzip, separated by tabs, 2 rows',
  ],
  [{ encoding: 'utf-8', isCompressed: false, layout: { kind: 'ndjson' } }, 'Read a as UTF-8, NDJSON, 2 rows'],
  [{ encoding: 'utf-8', isCompressed: false, layout: { kind: 'array' } }, 'Read a as UTF-8, a JSON list, 2 rows'],
  [
    { encoding: 'utf-8', isCompressed: false, layout: { kind: 'document' } },
    'Read a as UTF-8, one JSON document, 2 rows',
  ],
])('a file that was read as %j is reported in one line', (format, line) => {
  expect(formatLine('a', format, '2 rows')).toBe(line);
});
