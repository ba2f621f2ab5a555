import * as z from 'zod';
import { type ApiError, type FieldProblem, invalid } from './errors.ts';

const MAX_TAGS_PER_RESOURCE = 50;

export type Tags = Record<string, string>;

/** Not `z.record`, because that drops the key `__proto__`, which the service accepts like any other key. */
export const tagsSchema = z.custom<Tags>(
  (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every((tag) => typeof tag === 'string'),
);

/** The rules for tags that the service model lacks: a resource has at most 50, and the prefix `aws:` is reserved. */
export function refuseTags(tags: Tags): ApiError | undefined {
  const problems: FieldProblem[] = Object.keys(tags)
    .filter((key) => key.toLowerCase().startsWith('aws:'))
    .map((key) => ({ name: `tags.${key}`, message: 'The prefix aws: is reserved' }));
  if (Object.keys(tags).length > MAX_TAGS_PER_RESOURCE) {
    problems.push({ name: 'tags', message: `A resource can have at most ${MAX_TAGS_PER_RESOURCE} tags` });
  }
  return problems.length > 0 ? invalid(problems) : undefined;
}
