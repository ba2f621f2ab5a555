import * as z from 'zod';
import { expected, text } from './text.ts';

// A resource has 50 places for tags; three of them are greenroom's own.
const MAX_TAGS = 47;

/** A list or map of more entries than this is no oversight: its length is reported, and time is not spent on what it holds. */
export const MAX_ENTRIES_CHECKED = 1000;

// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const NOT_GREENROOM = /^(?!greenroom:)/;
// The SDK leaves a member of this name out of what it sends, and says nothing.
const NOT_PROTO = /^(?!__proto__$)/;
const NOT_AWS = /^(?![aA][wW][sS]:)/;
const ALLOWED_TEXT = 'may hold only letters, digits, spaces and _ . : / = + - @';

const tagKeySchema = text(1, 128)
  .regex(ALLOWED, ALLOWED_TEXT)
  .regex(NOT_GREENROOM, 'begins with "greenroom:", which is kept for greenroom: rename it')
  .regex(NOT_PROTO, 'is "__proto__", which cannot be sent: rename it')
  .regex(NOT_AWS, 'begins with "aws:", which is kept for AWS: rename it');
const tagValueSchema = text(0, 256).regex(ALLOWED, ALLOWED_TEXT);

/** The tags of a requested room. Not `z.record`: that drops a tag named `__proto__` without a word. */
export const tagsSchema = z
  .custom<Record<string, string>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: expected('an object of strings'),
  })
  .check(checkTags)
  .meta({
    type: 'object',
    maxProperties: MAX_TAGS,
    propertyNames: {
      minLength: 1,
      maxLength: 128,
      allOf: [ALLOWED, NOT_GREENROOM, NOT_AWS].map(({ source }) => ({ pattern: source })),
    },
    additionalProperties: { type: 'string', maxLength: 256, pattern: ALLOWED.source },
    description: `At most ${MAX_TAGS}: greenroom's own tags take three of the 50 places. Keys that begin with "greenroom:" or, in any case, "aws:" are reserved.`,
  });

function checkTags({ value: tags, issues }: z.core.ParsePayload<Record<string, string>>): void {
  const report = (path: string[], message: string) => issues.push({ code: 'custom', path, message, input: tags });
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS)
    report([], `may hold at most ${MAX_TAGS} tags: three of the 50 places are greenroom's own`);
  if (entries.length > MAX_ENTRIES_CHECKED) return;
  for (const [key, value] of entries) {
    for (const { message } of tagKeySchema.safeParse(key).error?.issues ?? []) report([key], `key ${message}`);
    for (const { message } of tagValueSchema.safeParse(value).error?.issues ?? []) report([key], `value ${message}`);
  }
}
