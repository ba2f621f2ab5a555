import * as z from 'zod';
import { type ActionContext, type ActionResult, newIdentity } from '../action.ts';
import { quotaExceeded } from '../errors.ts';
import { messageReviewHandlerSchema, type Room, refuseMissingLogging, reviewHandler } from '../rooms.ts';
import { refuseTags, tagsSchema } from '../tags.ts';

const inputSchema = z.object({
  name: z.string().default(''),
  maximumMessageRatePerSecond: z.number().default(10),
  maximumMessageLength: z.number().default(500),
  messageReviewHandler: messageReviewHandlerSchema.optional(),
  tags: tagsSchema.default({}),
  loggingConfigurationIdentifiers: z.array(z.string()).default([]),
});

/** Every call creates a room: the API has no client token, and names need not be unique. */
export function createRoom(input: unknown, context: ActionContext): ActionResult {
  const { messageReviewHandler, ...wanted } = inputSchema.parse(input);
  const { rooms, loggingConfigurations } = context.region;
  const refused =
    refuseTags(wanted.tags) ?? refuseMissingLogging(wanted.loggingConfigurationIdentifiers, loggingConfigurations);
  if (refused) return { error: refused };
  const { roomsIn, roomsPerRegion } = context.quotas;
  const quota = roomsIn[context.regionName] ?? roomsPerRegion;
  if (rooms.count() >= quota) return { error: quotaExceeded('rooms', quota) };
  const room: Room = { ...newIdentity('room', context), ...wanted, ...reviewHandler(messageReviewHandler) };
  rooms.put(room, context.nowMs);
  return { output: room };
}
