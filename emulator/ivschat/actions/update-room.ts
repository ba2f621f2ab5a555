import * as z from 'zod';
import { type ActionContext, type ActionResult, isoTime } from '../action.ts';
import { notFound } from '../errors.ts';
import { messageReviewHandlerSchema, type Room, refuseMissingLogging, reviewHandler } from '../rooms.ts';

const inputSchema = z.object({
  identifier: z.string(),
  name: z.string().optional(),
  maximumMessageRatePerSecond: z.number().optional(),
  maximumMessageLength: z.number().optional(),
  messageReviewHandler: messageReviewHandlerSchema.optional(),
  loggingConfigurationIdentifiers: z.array(z.string()).optional(),
});

/** Members that the request leaves out keep their values. Only TagResource and UntagResource change tags. */
export function updateRoom(input: unknown, { region, nowMs }: ActionContext): ActionResult {
  const { identifier, messageReviewHandler, ...changes } = inputSchema.parse(input);
  const room = region.rooms.find(identifier, nowMs);
  if (!room) return { error: notFound(identifier) };
  const refused = refuseMissingLogging(changes.loggingConfigurationIdentifiers, region.loggingConfigurations);
  if (refused) return { error: refused };
  const updated: Room = {
    ...room,
    updateTime: isoTime(nowMs),
    name: changes.name ?? room.name,
    maximumMessageRatePerSecond: changes.maximumMessageRatePerSecond ?? room.maximumMessageRatePerSecond,
    maximumMessageLength: changes.maximumMessageLength ?? room.maximumMessageLength,
    loggingConfigurationIdentifiers: changes.loggingConfigurationIdentifiers ?? room.loggingConfigurationIdentifiers,
    ...reviewHandler(messageReviewHandler),
  };
  region.rooms.put(updated, nowMs);
  return { output: updated };
}
