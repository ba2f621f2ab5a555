import * as z from 'zod';
import { LANES, type Lane } from './lanes.ts';

/** The message attributes that greenroom reads in the redrive queue. In any other queue they have no effect. */
export const REDRIVE_ATTRIBUTES = {
  lane: 'greenroom-lane',
  neededBy: 'greenroom-needed-by',
  isFromRoster: 'greenroom-from-roster',
} as const;

/** The operator's settings for a parked request that is sent back. */
export interface Redrive {
  lane: Lane;
  /** When the room is needed. If absent, the request's own `neededBy` applies. */
  neededByMs?: number;
  /** Whether the request may name a roster and use a roster's keys. */
  isFromRoster: boolean;
}

const redriveSchema = z.object({
  // A message without a lane, or with an unknown one, gets the lane with the shorter wait.
  [REDRIVE_ATTRIBUTES.lane]: z.enum(LANES).catch('interactive'),
  [REDRIVE_ATTRIBUTES.neededBy]: z
    .string()
    .transform((text) => Date.parse(text))
    .pipe(z.number())
    .optional()
    .catch(undefined),
  [REDRIVE_ATTRIBUTES.isFromRoster]: z.literal('true').optional().catch(undefined),
});

/** Reads the attributes of a message of the redrive queue, by name. An unreadable attribute counts as absent. */
export function readRedrive(attributes: Readonly<Record<string, string | undefined>>): Redrive {
  const read = redriveSchema.parse(attributes);
  const neededByMs = read[REDRIVE_ATTRIBUTES.neededBy];
  return {
    lane: read[REDRIVE_ATTRIBUTES.lane],
    isFromRoster: read[REDRIVE_ATTRIBUTES.isFromRoster] === 'true',
    ...(neededByMs !== undefined && { neededByMs }),
  };
}

/** The attributes that `readRedrive` reads. @param redrive.neededBy ISO 8601 */
export function redriveAttributes(redrive: {
  lane: Lane;
  neededBy?: string | undefined;
  isFromRoster: boolean;
}): Record<string, string> {
  const { lane, neededBy, isFromRoster } = redrive;
  return {
    [REDRIVE_ATTRIBUTES.lane]: lane,
    ...(isFromRoster && { [REDRIVE_ATTRIBUTES.isFromRoster]: 'true' }),
    ...(neededBy !== undefined && { [REDRIVE_ATTRIBUTES.neededBy]: neededBy }),
  };
}
