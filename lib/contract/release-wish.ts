/** The release time that means "keep the room": 9999-12-31T23:59:59Z, in epoch milliseconds. No other wish may have a time this late. */
export const KEEP_MS = 253_402_300_799_000;

/** When to release the room of a key, or that the room must be kept. Times are in epoch milliseconds. */
export interface Wish {
  /** `KEEP_MS`: keep the room. */
  releaseAtMs: number;
  /** When the wish was made. Of two wishes, the one that was made later wins, regardless of when they arrive. */
  wishedAtMs: number;
}

/**
 * Whether wish `a` wins over wish `b` (rules RANK and TIE of the release protocol). If both were made in the same millisecond, the later
 * release wins, and "keep" wins over any time. A wish does not outrank an equal one.
 * @param b undefined if there is no other wish
 */
export function outranks(a: Wish, b: Wish | undefined): boolean {
  if (b === undefined || a.wishedAtMs !== b.wishedAtMs) return b === undefined || a.wishedAtMs > b.wishedAtMs;
  return a.releaseAtMs > b.releaseAtMs;
}

/** A release time as messages state it. @returns ISO 8601 in UTC; null for "keep the room" */
export function releaseAtText(releaseAtMs: number): string | null {
  return releaseAtMs >= KEEP_MS ? null : new Date(releaseAtMs).toISOString();
}
