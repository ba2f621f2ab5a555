import * as z from 'zod/mini';
import { about } from './about.ts';
import { expected, text } from './text.ts';

// A resource may have at most 50 tags, and greenroom uses three of them.
const MAX_TAGS = 47;

/** If a list or map has more entries than this, only its length is reported, so that the check never takes a long time. */
export const MAX_ENTRIES_CHECKED = 1000;

// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const NOT_GREENROOM = /^(?!greenroom:)/;
// The SDK silently leaves out a member with this name.
const NOT_PROTO = /^(?!__proto__$)/;
const NOT_AWS = /^(?![aA][wW][sS]:)/;
const ALLOWED_TEXT = 'may contain only letters, digits, spaces and _ . : / = + - @';

const tagKeySchema = text(1, 128).check(
  z.regex(ALLOWED, ALLOWED_TEXT),
  z.regex(NOT_GREENROOM, 'begins with "greenroom:", which is reserved for greenroom: rename it'),
  z.regex(NOT_PROTO, 'is "__proto__", which cannot be sent: rename it'),
  z.regex(NOT_AWS, 'begins with "aws:", which is reserved for AWS: rename it'),
);
const tagValueSchema = text(0, 256).check(z.regex(ALLOWED, ALLOWED_TEXT));

/** The tags of a requested room. Not `z.record`, which silently drops a tag named `__proto__`. */
export const tagsSchema = about(
  z
    .custom<Record<string, string>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
      error: expected('an object of strings'),
    })
    .check(checkTags),
  {
    type: 'object',
    maxProperties: MAX_TAGS,
    propertyNames: {
      minLength: 1,
      maxLength: 128,
      allOf: [ALLOWED, NOT_GREENROOM, NOT_AWS].map(({ source }) => ({ pattern: source })),
    },
    additionalProperties: { type: 'string', maxLength: 256, pattern: ALLOWED.source },
    description: `At most ${MAX_TAGS}: greenroom uses three of the 50 tags. Keys that begin with "greenroom:" are reserved, and so are keys that begin with "aws:" in upper or lower case.`,
  },
);

function checkTags({ value: tags, issues }: z.core.ParsePayload<Record<string, string>>): void {
  const report = (path: string[], message: string) => issues.push({ code: 'custom', path, message, input: tags });
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS) report([], `may have at most ${MAX_TAGS} tags: greenroom uses three of the 50`);
  if (entries.length > MAX_ENTRIES_CHECKED) return;
  for (const [key, value] of entries) {
    for (const { message } of tagKeySchema.safeParse(key).error?.issues ?? []) report([key], `key ${message}`);
    for (const { message } of tagValueSchema.safeParse(value).error?.issues ?? []) report([key], `value ${message}`);
  }
}
