import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { notFound } from '../errors.ts';

const inputSchema = z.object({ identifier: z.string() });

export function deleteRoom(input: unknown, { region, nowMs }: ActionContext): ActionResult {
  const { identifier } = inputSchema.parse(input);
  if (!region.rooms.get(identifier)) return { error: notFound(identifier) };
  region.rooms.remove(identifier, nowMs);
  return { output: null };
}
