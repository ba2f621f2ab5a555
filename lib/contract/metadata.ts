import * as z from 'zod/mini';
import { about } from './about.ts';
import { isRecord } from './record.ts';
import { expected } from './text.ts';

const MAX_METADATA_BYTES = 1024;

/**
 * The sender's own data. greenroom does not interpret it, and copies it to one message attribute of the completion. It is not part of the
 * payload, so messages that differ only in their metadata are the same request.
 */
export const metadataSchema = about(
  z.custom<Record<string, unknown>>(isRecord, { error: expected('an object') }).check(
    z.refine((metadata) => sizeBytes(metadata) <= MAX_METADATA_BYTES, {
      error: ({ input }) => `is ${sizeBytes(input)} bytes long as JSON, but at most ${MAX_METADATA_BYTES} are allowed`,
    }),
  ),
  {
    type: 'object',
    description: `Your own data: at most ${MAX_METADATA_BYTES} bytes as UTF-8 JSON, not counting whitespace between members. Copied as JSON to the attribute "metadata" of the completion. It does not affect how the request is handled.`,
  },
);

function sizeBytes(metadata: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(metadata));
  } catch {
    // JSON.stringify overflows the stack at a smaller depth than JSON.parse. An object nested that deeply is far too large anyway.
    return Number.POSITIVE_INFINITY;
  }
}
