import * as z from 'zod';
import { roomRequestSchema } from './room-request.ts';
import { expected } from './text.ts';

const { idempotencyKey, room, region, tenant } = roomRequestSchema.shape;

/** One row of a bulk manifest in NDJSON or JSON; a row of a CSV is read into the same. */
export const manifestRowSchema = z.strictObject(
  {
    key: idempotencyKey
      // Keys of an earlier report may come back as they are. A live event's are its own: their room would be taken from it.
      .regex(/^(?!live\/)/, 'must not begin with "live/": such keys are reserved for live events')
      .exactOptional()
      .describe(
        'The idempotency key; by default it is made of the manifest, the room, the region and the tenant, and begins with "bulk/". Those of live events, which begin with "live/", are reserved.',
      ),
    room,
    region,
    tenant,
  },
  { error: expected('an object: a row with its room') },
);

export type ManifestRow = z.infer<typeof manifestRowSchema>;
