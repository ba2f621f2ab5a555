import * as z from 'zod/mini';
import { LANES, type Lane } from './lanes.ts';

/** The message attributes that greenroom reads in the redrive queue. In any other queue they have no effect. */
export const REDRIVE_ATTRIBUTES = {
  lane: 'greenroom-lane',
  neededBy: 'greenroom-needed-by',
  isFromRoster: 'greenroom-from-roster',
  wishedAt: 'greenroom-wished-at',
} as const;

/** The operator's settings for a parked request that is sent back. */
export interface Redrive {
  lane: Lane;
  /** When the room is needed. If absent, the request's own `neededBy` applies. */
  neededByMs?: number;
  /** Whether the request may name a roster and use a roster's keys. */
  isFromRoster: boolean;
  /** When the message was first sent. Its wish counts as made at this time (rule ASKED of the release protocol). */
  wishedAtMs?: number;
}

const timeSchema = () =>
  z.catch(
    z.optional(
      z.pipe(
        z.pipe(
          z.string(),
          z.transform((text) => Date.parse(text)),
        ),
        z.number(),
      ),
    ),
    undefined,
  );

/** Built when the first message of the redrive queue is read. */
const redriveSchema = z.lazy(() =>
  z.object({
    // A message without a lane, or with an unknown one, gets the lane with the shorter wait.
    [REDRIVE_ATTRIBUTES.lane]: z.catch(z.enum(LANES), 'interactive'),
    [REDRIVE_ATTRIBUTES.neededBy]: timeSchema(),
    [REDRIVE_ATTRIBUTES.wishedAt]: timeSchema(),
    [REDRIVE_ATTRIBUTES.isFromRoster]: z.catch(z.optional(z.literal('true')), undefined),
  }),
);

/** Reads the attributes of a message of the redrive queue, by name. An unreadable attribute counts as absent. */
export function readRedrive(attributes: Readonly<Record<string, string | undefined>>): Redrive {
  const read = redriveSchema.parse(attributes);
  const { [REDRIVE_ATTRIBUTES.neededBy]: neededByMs, [REDRIVE_ATTRIBUTES.wishedAt]: wishedAtMs } = read;
  return {
    lane: read[REDRIVE_ATTRIBUTES.lane],
    isFromRoster: read[REDRIVE_ATTRIBUTES.isFromRoster] === 'true',
    ...(neededByMs !== undefined && { neededByMs }),
    ...(wishedAtMs !== undefined && { wishedAtMs }),
  };
}

/** The attributes that `readRedrive` reads. @param redrive.neededBy ISO 8601 @param redrive.wishedAt ISO 8601 */
export function redriveAttributes(redrive: {
  lane: Lane;
  neededBy?: string | undefined;
  isFromRoster: boolean;
  wishedAt?: string | undefined;
}): Record<string, string> {
  const { lane, neededBy, isFromRoster, wishedAt } = redrive;
  return {
    [REDRIVE_ATTRIBUTES.lane]: lane,
    ...(wishedAt !== undefined && { [REDRIVE_ATTRIBUTES.wishedAt]: wishedAt }),
    ...(isFromRoster && { [REDRIVE_ATTRIBUTES.isFromRoster]: 'true' }),
    ...(neededBy !== undefined && { [REDRIVE_ATTRIBUTES.neededBy]: neededBy }),
  };
}
