import * as z from 'zod/mini';
import { about } from './about.ts';
import type { EventNames } from './envelopes.ts';
import { roomRequestSchema } from './room-request.ts';
import { expected } from './text.ts';
import { timestampSchema } from './timestamp.ts';

/** The `type` of a bare release command. In an envelope, the envelope names the command. */
export const RELEASE_COMMAND_TYPE = 'Room Release Requested';

export const ROOM_RELEASE_REQUESTED: EventNames = {
  detailTypes: [RELEASE_COMMAND_TYPE],
  cloudEventTypes: ['greenroom.room.release-requested.v1'],
  payload: 'the release command',
  template: (id) => `{ "idempotencyKey": "${id}" }`,
  // Null means "keep the room". If it counted as absent, a command that withdraws a release would delete the room.
  nullable: ['releaseAt'],
};

const { idempotencyKey, tenant, correlationId } = roomRequestSchema.shape;

/** The fields of a release command, without the `type` of a bare command. Unlike in a request, no tenant is assumed. */
export const releaseCommandSchema = z.strictObject(
  {
    idempotencyKey: about(
      idempotencyKey,
      'The idempotency key of the room. It may be a key of a live event or of a bulk job.',
    ),
    releaseAt: about(
      z.exactOptional(z.nullable(timestampSchema)),
      'When to release the room. Absent: now. Null: keep the room, which withdraws an earlier release. A time before `wishedAt` means now.',
    ),
    wishedAt: about(
      z.exactOptional(timestampSchema),
      'When the decision behind the command was made. Of two commands for a key, the one with the later decision wins. By default, the time at which the message was sent. At most 28 days ago, and at most 5 minutes after the message was sent. A sender that repeats a command must set it.',
    ),
    tenant: about(
      z.exactOptional(tenant.def.innerType),
      'If it is given, the command is refused unless the room belongs to this tenant.',
    ),
    correlationId,
  },
  { error: expected('an object: the release command') },
);

export type ReleaseCommand = z.infer<typeof releaseCommandSchema>;
