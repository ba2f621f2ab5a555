import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { notFound } from '../errors.ts';
import { tagsOf } from '../tagging.ts';

const inputSchema = z.object({ resourceArn: z.string() });

export function listTagsForResource(input: unknown, { region }: ActionContext): ActionResult {
  const { resourceArn } = inputSchema.parse(input);
  const tags = tagsOf(region, resourceArn);
  return tags ? { output: { tags } } : { error: notFound(resourceArn) };
}
