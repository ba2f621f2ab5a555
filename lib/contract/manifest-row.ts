import * as z from 'zod/mini';
import { about } from './about.ts';
import { ownRegionOnly } from './other-regions.ts';
import { roomRequestSchema } from './room-request.ts';
import { expected } from './text.ts';

const { idempotencyKey, room, region, tenant, metadata, releaseAt } = roomRequestSchema.shape;

/** One row of a bulk manifest in NDJSON or JSON. Rows of a CSV file are converted to this form. */
export const manifestRowSchema = about(
  z.strictObject(
    {
      // Keys that begin with "bulk/" are accepted, because they may come from an earlier report. Keys of live events are not accepted,
      // because a row could then claim a room of an event.
      key: about(
        z.exactOptional(
          idempotencyKey.check(
            z.regex(/^(?!live\/)/, 'must not begin with "live/": such keys are reserved for live events'),
          ),
        ),
        'The idempotency key. By default it is derived from the manifest, the room, the region and the tenant, and begins with "bulk/". The keys of live events, which begin with "live/", are reserved.',
      ),
      room,
      region,
      tenant,
      metadata,
      releaseAt: about(
        releaseAt,
        'When to release the room, which deletes it: at most 400 days after the manifest was uploaded. By default, the room is kept.',
      ),
    },
    { error: expected('an object: a row with its room') },
  ),
  ownRegionOnly(),
);

export type ManifestRow = z.infer<typeof manifestRowSchema>;
