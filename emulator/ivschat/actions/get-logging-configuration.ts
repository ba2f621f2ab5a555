import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { notFound } from '../errors.ts';

const inputSchema = z.object({ identifier: z.string() });

export function getLoggingConfiguration(input: unknown, { region }: ActionContext): ActionResult {
  const { identifier } = inputSchema.parse(input);
  const configuration = region.loggingConfigurations.get(identifier);
  return configuration ? { output: configuration } : { error: notFound(identifier) };
}
