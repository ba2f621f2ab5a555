import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { notFound } from '../errors.ts';

const inputSchema = z.object({ identifier: z.string() });

/**
 * Deletes a room, now or when an accepted call takes effect. Until then, the room exists for every call, including another DeleteRoom. AWS
 * does not document the response to a call while another deletion of the room is in progress.
 */
export function deleteRoom(input: unknown, { region: { rooms }, nowMs, effectAtMs }: ActionContext): ActionResult {
  const { identifier } = inputSchema.parse(input);
  if (!rooms.find(identifier, nowMs)) return { error: notFound(identifier) };
  if (effectAtMs > nowMs) rooms.removeLater(identifier, effectAtMs);
  else rooms.remove(identifier, nowMs);
  return { output: null };
}
