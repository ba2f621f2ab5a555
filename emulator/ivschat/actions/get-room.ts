import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { notFound } from '../errors.ts';

const inputSchema = z.object({ identifier: z.string() });

/** Unlike ListRooms, GetRoom shows every change immediately. Only a new room may be missing for some time. */
export function getRoom(input: unknown, { region, nowMs }: ActionContext): ActionResult {
  const { identifier } = inputSchema.parse(input);
  const room = region.rooms.find(identifier, nowMs);
  return room ? { output: room } : { error: notFound(identifier) };
}
