import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { notFound } from '../errors.ts';
import { findTags } from '../tagging.ts';

const inputSchema = z.object({ resourceArn: z.string() });

export function listTagsForResource(input: unknown, { region, nowMs }: ActionContext): ActionResult {
  const { resourceArn } = inputSchema.parse(input);
  const tags = findTags(region, resourceArn, nowMs);
  return tags ? { output: { tags } } : { error: notFound(resourceArn) };
}
