import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { pageOf } from '../paging.ts';

const inputSchema = z.object({ nextToken: z.string().optional(), maxResults: z.number().optional() });

/** Lists the logging configurations, the most recently updated first. */
export function listLoggingConfigurations(
  input: unknown,
  { region, nowMs, tokensValidFromMs }: ActionContext,
): ActionResult {
  const page = pageOf(region.loggingConfigurations.listed(nowMs), inputSchema.parse(input), {
    nowMs,
    validFromMs: tokensValidFromMs,
  });
  return page.error ? { error: page.error } : { output: { loggingConfigurations: page.items, ...page.token } };
}
