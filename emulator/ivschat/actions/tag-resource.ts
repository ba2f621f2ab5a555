import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { notFound } from '../errors.ts';
import { findTags, writeTags } from '../tagging.ts';
import { refuseTags, tagsSchema } from '../tags.ts';

const inputSchema = z.object({ resourceArn: z.string(), tags: tagsSchema });

/** Adds tags to a resource. If the resource already has a tag with the same key, the new value replaces the old one. */
export function tagResource(input: unknown, { region, nowMs }: ActionContext): ActionResult {
  const { resourceArn, tags } = inputSchema.parse(input);
  const present = findTags(region, resourceArn, nowMs);
  if (!present) return { error: notFound(resourceArn) };
  const merged = { ...present, ...tags };
  const refused = refuseTags(merged);
  if (refused) return { error: refused };
  writeTags(region, resourceArn, merged, nowMs);
  return { output: {} };
}
