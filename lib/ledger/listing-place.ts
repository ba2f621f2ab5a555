import * as z from 'zod';

/** How far a listing has come, as the ledger item keeps it from one invocation to the next. Times are epoch milliseconds. */
export const listingPlaceSchema = z.object({
  /** The intent whose room is looked for. A place of another intent says nothing. */
  intent: z.number(),
  /** When the first page of the whole listing was asked for: what rule NOW judges by. */
  started_at: z.number(),
  /** When the first page of the present pass was asked for; the next last look reads down to there. */
  pass_started_at: z.number(),
  /** The present pass reads down to the rooms updated before this. */
  depth: z.number(),
  /** Where it reads on; absent: a last look that is yet to begin. */
  token: z.string().optional(),
});

export type ListingPlace = z.infer<typeof listingPlaceSchema>;

/** What a listing has proved: the intent has no room, and will have none. */
export const provenNoneSchema = z.object({
  /** The intent of which it is true. Of another intent it says nothing. */
  intent: z.number(),
  /** When the first page of the listing was asked for: what rule NOW judged by. */
  started_at: z.number(),
  none: z.literal(true),
});

export type ProvenNone = z.infer<typeof provenNoneSchema>;
