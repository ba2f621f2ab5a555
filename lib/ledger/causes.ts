import * as z from 'zod/mini';

const causeSchema = z.object({
  /** When the key was first and last postponed for this reason, in epoch milliseconds. */
  first: z.number(),
  last: z.number(),
  count: z.number(),
});

/** For each reason, when and how often a key's requests were postponed. The ledger item stores this as `waits`. */
export const waitsSchema = z.record(z.string(), causeSchema);

export type Cause = z.infer<typeof causeSchema>;
export type Waits = z.infer<typeof waitsSchema>;

// Longer than nearly all waits, so that a reason that persists is noted again before its note expires.
const NOTE_EXPIRES_AFTER_MS = 2 * 3_600_000;

/** Notes another postponement of a key. If the reason was last noted two hours ago or earlier, its count starts again at 1. */
export function noteCause(waits: Waits | undefined, reason: string, nowMs: number): { cause: Cause; waits: Waits } {
  const before = currentCause(waits, reason, nowMs);
  const cause = before ? { ...before, last: nowMs, count: before.count + 1 } : { first: nowMs, last: nowMs, count: 1 };
  return { cause, waits: { ...waits, [reason]: cause } };
}

/** The note for a reason; undefined if there is none or it has expired. */
export function currentCause(waits: Waits | undefined, reason: string, nowMs: number): Cause | undefined {
  const cause = waits?.[reason];
  return cause && nowMs - cause.last < NOTE_EXPIRES_AFTER_MS ? cause : undefined;
}
