import * as z from 'zod/mini';
import { about } from './about.ts';

/** The error for a missing value, or for a value of the wrong type. */
export function expected(what: string): (issue: { input?: unknown }) => string {
  return ({ input }) => (input === undefined ? 'is required' : `must be ${what}`);
}

/**
 * A string of `min` to `max` code points. AWS and JSON Schema count code points, whereas `length` counts UTF-16 units. An unpaired
 * surrogate is rejected: UTF-8 cannot encode it, so the string could not be sent unchanged.
 */
export function text(min: number, max: number): z.ZodMiniString {
  return about(
    z.string({ error: expected('a string') }).check(
      z.refine((value) => value.isWellFormed() && hasLength(value, min, max), {
        error: ({ input }) =>
          typeof input === 'string' && !input.isWellFormed()
            ? 'contains half a surrogate pair, which is not valid Unicode'
            : `must be ${min} to ${max} characters long`,
      }),
    ),
    { minLength: min, maxLength: max },
  );
}

/** Cuts `value` to at most `maxUnits` UTF-16 units, never inside a surrogate pair. An ellipsis replaces the rest. */
export function cut(value: string, maxUnits: number): string {
  return value.length <= maxUnits ? value : `${value.slice(0, maxUnits - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function hasLength(value: string, min: number, max: number): boolean {
  // A code point has at most two units, so a string of more than twice `max` units is certainly too long.
  if (value.length > 2 * max) return false;
  const codePoints = [...value].length;
  return min <= codePoints && codePoints <= max;
}
