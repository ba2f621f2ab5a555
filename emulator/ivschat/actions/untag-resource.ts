import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { notFound } from '../errors.ts';
import { findTags, writeTags } from '../tagging.ts';

const inputSchema = z.object({ resourceArn: z.string(), tagKeys: z.array(z.string()) });

/** Keys that the resource does not have are ignored: the operation is idempotent. */
export function untagResource(input: unknown, { region, nowMs }: ActionContext): ActionResult {
  const { resourceArn, tagKeys } = inputSchema.parse(input);
  const present = findTags(region, resourceArn, nowMs);
  if (!present) return { error: notFound(resourceArn) };
  const kept = Object.entries(present).filter(([key]) => !tagKeys.includes(key));
  writeTags(region, resourceArn, Object.fromEntries(kept), nowMs);
  return { output: {} };
}
