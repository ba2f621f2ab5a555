import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { pageOf } from '../paging.ts';
import type { Room } from '../rooms.ts';

const inputSchema = z.object({
  name: z.string().optional(),
  messageReviewHandlerUri: z.string().optional(),
  loggingConfigurationIdentifier: z.string().optional(),
  nextToken: z.string().optional(),
  maxResults: z.number().optional(),
});

type Filter = z.infer<typeof inputSchema>;

/**
 * Lists the rooms, the most recently updated first. All filters match exactly. An empty name or handler matches the rooms that have none.
 */
export function listRooms(input: unknown, { region, nowMs, tokensValidFromMs }: ActionContext): ActionResult {
  const filter = inputSchema.parse(input);
  const found = region.rooms.listed(nowMs, (room) => matches(room, filter));
  const page = pageOf(found, filter, { nowMs, validFromMs: tokensValidFromMs });
  return page.error ? { error: page.error } : { output: { rooms: page.items.map(summary), ...page.token } };
}

function matches(room: Room, { name, messageReviewHandlerUri, loggingConfigurationIdentifier }: Filter): boolean {
  return (
    (name === undefined || room.name === name) &&
    (messageReviewHandlerUri === undefined || (room.messageReviewHandler?.uri ?? '') === messageReviewHandlerUri) &&
    (loggingConfigurationIdentifier === undefined ||
      room.loggingConfigurationIdentifiers.includes(loggingConfigurationIdentifier))
  );
}

/** A RoomSummary: it lacks the message rate and length. */
function summary({ arn, id, name, messageReviewHandler, createTime, updateTime, ...rest }: Room) {
  const { tags, loggingConfigurationIdentifiers } = rest;
  return { arn, id, name, messageReviewHandler, createTime, updateTime, tags, loggingConfigurationIdentifiers };
}
