import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { conflict, notFound } from '../errors.ts';

const inputSchema = z.object({ identifier: z.string() });

/** Deletes a configuration, unless a room refers to it. The conflict names the room. */
export function deleteLoggingConfiguration(input: unknown, { region, nowMs }: ActionContext): ActionResult {
  const { identifier } = inputSchema.parse(input);
  if (!region.loggingConfigurations.get(identifier)) return { error: notFound(identifier) };
  const user = region.rooms.all().find((room) => room.loggingConfigurationIdentifiers.includes(identifier));
  if (user) return { error: conflict(`${identifier} is used by ${user.arn}`, user.id) };
  region.loggingConfigurations.remove(identifier, nowMs);
  return { output: null };
}
