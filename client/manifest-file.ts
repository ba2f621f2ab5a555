import type { FileFormat, Layout } from '../lib/bulk/manifest-format.ts';
import { namespaceOf } from '../lib/bulk/plan-rows.ts';
import { UserError } from './user-error.ts';

/** The maximum size of a manifest in S3. It also limits how much of a file is read into memory. */
const MAX_BYTES = 100 * 1_048_576;
const PIECE_BYTES = 65_536;

/** A manifest that a command has read into memory, so that the content that is checked is also the content that is uploaded. */
export interface ManifestFile {
  /** The file's name in messages and in suggested commands. `-` is standard input. */
  file: string;
  /** The name from which the keys of rows without a key are derived. */
  namespace: string;
  content: Buffer;
}

/** @throws UserError if the content is larger than a manifest may be; the error of `chunks` */
export async function readManifestFile(
  file: string,
  chunks: AsyncIterable<Buffer>,
  name: string | undefined,
): Promise<ManifestFile> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new UserError(`${file} is larger than 100 MiB: split it; nothing was uploaded`);
    pieces.push(chunk);
  }
  return { file, namespace: name ?? namespaceOf(file), content: Buffer.concat(pieces) };
}

/** The content in pieces, as a file would be read, because the readers of manifests decode one piece at a time. */
export async function* piecesOf({ content }: ManifestFile): AsyncGenerator<Buffer> {
  for (let start = 0; start < content.length; start += PIECE_BYTES) yield content.subarray(start, start + PIECE_BYTES);
}

/**
 * The file name by which the reader recognises the format. Standard input has no name, so the name is made from the layout of its content.
 */
export function fileNameOf({ file, namespace }: ManifestFile, layout?: Layout): string {
  if (file !== '-') return file;
  return `${namespace.replaceAll(/[^\w.-]/g, '-')}${layout === undefined ? '.csv' : EXTENSIONS[layout.kind]}`;
}

const EXTENSIONS: Record<FileFormat['layout']['kind'], string> = {
  csv: '.csv',
  ndjson: '.ndjson',
  array: '.json',
  document: '.json',
};
