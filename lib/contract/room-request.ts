import * as z from 'zod/mini';
import { about } from './about.ts';
import { legibleKey } from './key-edges.ts';
import { metadataSchema } from './metadata.ts';
import { ownRegionOnly } from './other-regions.ts';
import { REGIONS } from './regions.ts';
import { roomSchema } from './room.ts';
import { expected, text } from './text.ts';
import { timestampSchema } from './timestamp.ts';

/** The tenant of requests that name none. */
export const DEFAULT_TENANT = 'default';

/**
 * A request for one room. The schema does not check the regions of the room's resources; `otherRegionProblems` does. Tenant, roster and
 * correlationId become SNS message attributes, so they may contain only certain characters.
 */
export const roomRequestSchema = about(
  z.strictObject(
    {
      idempotencyKey: about(
        text(1, 256).check(
          z.regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must not contain control characters or line breaks'),
          z.regex(/\S/u, 'must not be blank'),
        ),
        {
          ...legibleKey(),
          description:
            'The requester\'s own name for this request. greenroom creates one room per key. Keys that begin with "live/" or "bulk/" are reserved for the requests that greenroom sends for live events and bulk jobs.',
        },
      ),
      room: about(
        roomSchema,
        'The CreateRoom request of Amazon IVS Chat. Its function and its logging configurations must be in the region of the room.',
      ),
      region: about(
        z.exactOptional(z.enum(REGIONS, { error: expected(`a region that has IVS Chat: ${REGIONS.join(', ')}`) })),
        "The region of the room. By default, the deployment's own region.",
      ),
      tenant: about(
        z._default(
          z
            .string({ error: expected('a string') })
            .check(z.regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters, digits, "_", "." or "-"')),
          DEFAULT_TENANT,
        ),
        'The tenant of the request, for fairness, filtering and metrics.',
      ),
      correlationId: about(
        z.exactOptional(
          z
            .string({ error: expected('a string') })
            .check(z.regex(/^[\x20-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters')),
        ),
        'Copied to the logs and to the attributes of the completion.',
      ),
      metadata: z.exactOptional(metadataSchema),
      neededBy: about(
        z.exactOptional(timestampSchema),
        'When greenroom gives up: at most 7 days after the request arrived in its queue. By default, 24 hours after it arrived.',
      ),
      releaseAt: about(
        z.exactOptional(timestampSchema),
        'When to release the room, at most 400 days after the request was sent. Releasing a room deletes it. By default, the room is kept.',
      ),
      releaseWishedAt: about(
        z.exactOptional(timestampSchema),
        'When the decision about `releaseAt` was made. Only greenroom itself may set it: a request from any other sender that sets it is invalid.',
      ),
      roster: about(
        z.exactOptional(
          z
            .string({ error: expected('a string') })
            .check(z.regex(/^[A-Za-z0-9_.:/-]{1,128}$/, 'must be 1 to 128 letters, digits, "_", ".", ":", "/" or "-"')),
        ),
        'The bulk job or live event that the request belongs to. Only greenroom itself may set it: a request from any other sender that sets it is invalid.',
      ),
    },
    { error: expected('an object: the room request') },
  ),
  ownRegionOnly(),
);

export type RoomRequest = z.infer<typeof roomRequestSchema>;
