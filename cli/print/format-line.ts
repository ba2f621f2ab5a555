import type { FileFormat, Layout } from '../../lib/bulk/manifest-format.ts';
import { nameForPeople } from '../../lib/input/encodings.ts';

const SEPARATORS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' } as const;

/**
 * The way in which a file was read, in one line: `Read rooms.csv as UTF-16, separated by semicolons, 500 rows`.
 * @param count the number of its items, such as `500 rows`
 */
export function formatLine(file: string, { encoding, isCompressed, layout }: FileFormat, count: string): string {
  const name = file === '-' ? 'standard input' : file;
  const parts = [...(isCompressed ? ['unpacked with gzip'] : []), layoutText(layout), count];
  return `Read ${name} as ${nameForPeople(encoding)}, ${parts.join(', ')}`;
}

function layoutText(layout: Layout): string {
  switch (layout.kind) {
    case 'csv':
      return `separated by ${SEPARATORS[layout.separator]}`;
    case 'ndjson':
      return 'NDJSON';
    case 'array':
      return 'a JSON list';
    case 'document':
      return 'one JSON document';
  }
}
