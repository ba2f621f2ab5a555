import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { notFound } from '../errors.ts';

const inputSchema = z.object({ identifier: z.string() });

/** Unlike ListRooms, GetRoom shows every change immediately. */
export function getRoom(input: unknown, { region }: ActionContext): ActionResult {
  const { identifier } = inputSchema.parse(input);
  const room = region.rooms.get(identifier);
  return room ? { output: room } : { error: notFound(identifier) };
}
