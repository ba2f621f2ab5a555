import * as z from 'zod/mini';

/** The progress of a listing, which the ledger item stores between invocations. Times are epoch milliseconds. */
export const listingProgressSchema = z.object({
  /** The intent whose room greenroom looks for. The progress is valid only for this intent. */
  intent: z.number(),
  /** When the first page of the whole listing was requested. Rule NOW uses this time. */
  started_at: z.number(),
  /** When the first page of the current pass was requested. It determines how far down the next pass reads (find-room.ts, "last look"). */
  pass_started_at: z.number(),
  /** The current pass reads down to rooms that were last updated before this time. */
  depth: z.number(),
  /** The token of the page at which the listing continues; absent if the next pass starts at the top of the list. */
  token: z.optional(z.string()),
});

export type ListingProgress = z.infer<typeof listingProgressSchema>;

/** A listing's proof that the intent has no room and will have none. */
export const provenNoneSchema = z.object({
  /** The proof is valid only for this intent. */
  intent: z.number(),
  /** When the first page of the listing was requested. Rule NOW uses this time. */
  started_at: z.number(),
  none: z.literal(true),
});

export type ProvenNone = z.infer<typeof provenNoneSchema>;
