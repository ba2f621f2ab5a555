import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from './input-error.ts';
import { peek } from './peek.ts';

/**
 * The maximum size of an unpacked file. It equals the maximum size of an uncompressed manifest. A small compressed file can contain
 * gigabytes (a "zip bomb"), so its own size limits neither the time to read it nor the number of its rows.
 */
export const MAX_UNPACKED_BYTES = 100 * 1_048_576;

const GZIP = [0x1f, 0x8b];

/** The first bytes of other files that people mistake for text. */
const OTHERS: readonly { bytes: readonly number[]; message: string }[] = [
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    message: 'is an Excel workbook or another ZIP archive: save the sheet as CSV UTF-8, or compress the file with gzip',
  },
  { bytes: [0x50, 0x4b, 0x05, 0x06], message: 'is an empty ZIP archive: save the sheet as CSV UTF-8' },
  { bytes: [0x50, 0x41, 0x52, 0x31], message: 'is a Parquet file: save the table as CSV or NDJSON' },
  { bytes: [0x4f, 0x62, 0x6a, 0x01], message: 'is an Avro file: save the table as CSV or NDJSON' },
  { bytes: [0x25, 0x50, 0x44, 0x46], message: 'is a PDF document: save the table as CSV UTF-8' },
  { bytes: [0x7b, 0x5c, 0x72, 0x74], message: 'is a document in rich text (RTF): save it as plain text in UTF-8' },
  { bytes: [0x37, 0x7a, 0xbc, 0xaf], message: 'is compressed with 7-Zip: unpack it, or compress it with gzip' },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], message: 'is an Excel workbook: save the sheet as CSV UTF-8' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], message: 'is compressed with zstd: unpack it, or compress it with gzip' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58], message: 'is compressed with xz: unpack it, or compress it with gzip' },
  { bytes: [0x42, 0x5a, 0x68], message: 'is compressed with bzip2: unpack it, or compress it with gzip' },
];

const MAX_SIGNATURE_BYTES = 4;

export interface Unpacked {
  isCompressed: boolean;
  /** The first bytes: at least four, unless the file is shorter. */
  start: Uint8Array;
  bytes: AsyncIterable<Uint8Array>;
}

/**
 * Unpacks a file that is compressed with gzip. Other files are passed on unchanged.
 * @throws InputError for a workbook or another kind of compression
 */
export async function unpack(chunks: AsyncIterable<Uint8Array>): Promise<Unpacked> {
  const { start, bytes } = await peekBytes(chunks);
  if (!beginsWith(start, GZIP)) {
    refuseOthers(start);
    return { isCompressed: false, start, bytes };
  }
  const unpacked = await peekBytes(gunzip(bytes));
  if (beginsWith(unpacked.start, GZIP)) throw new InputError('is compressed twice: unpack it once');
  refuseOthers(unpacked.start);
  return { isCompressed: true, ...unpacked };
}

async function peekBytes(chunks: AsyncIterable<Uint8Array>) {
  const sizeOf = (seen: readonly Uint8Array[]) => seen.reduce((sum, { length }) => sum + length, 0);
  const { first, all } = await peek(chunks, (seen) => sizeOf(seen) >= MAX_SIGNATURE_BYTES);
  return { start: Buffer.concat(first), bytes: all };
}

function refuseOthers(start: Uint8Array): void {
  const other = OTHERS.find(({ bytes }) => beginsWith(start, bytes));
  if (other) throw new InputError(other.message);
}

export function beginsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return bytes.length >= signature.length && signature.every((byte, index) => bytes[index] === byte);
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzipped = createGunzip();
  // The iteration below throws the pipeline's errors.
  pipeline(Readable.from(chunks), gunzipped, () => undefined);
  let size = 0;
  try {
    for await (const chunk of gunzipped) {
      const bytes: Uint8Array = chunk;
      size += bytes.length;
      if (size > MAX_UNPACKED_BYTES) throw new InputError('is larger than 100 MiB when it is unpacked: split it');
      yield bytes;
    }
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw new InputError(`is compressed with gzip, but cannot be unpacked (${error.message}): compress it again`);
  }
}

/** Not `instanceof Error`: tests run in a different context from Node's own modules. */
function isZlibError(error: unknown): error is { message: string } {
  return typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('Z_');
}
