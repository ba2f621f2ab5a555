import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import '../contract/english.ts';
import { type Completion, completionSchema } from '../contract/completion.ts';
import { parseJson } from '../contract/parse-json.ts';
import { waitsSchema } from './causes.ts';
import { listingProgressSchema, provenNoneSchema } from './listing-progress.ts';

/** The version of an item without a wish. */
export const LEDGER_SCHEMA_VERSION = 1;
/**
 * The version of an item that has had a wish. Only the write of a wish sets it, so that earlier versions, which read version 1, can read all
 * other items after a rollback.
 */
export const WISH_SCHEMA_VERSION = 2;

const completionText = z.pipe(
  z.string(),
  z.transform((text, context): Completion => {
    const parsed = completionSchema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    context.issues.push({ code: 'custom', message: 'is not a valid completion', input: text });
    return z.NEVER;
  }),
);

/** The attributes that the first request of a generation writes. */
const requested = {
  idempotency_key: z.string(),
  payload_hash: z.string(),
  /** The latest `neededBy` of all messages of this generation, in epoch milliseconds. */
  needed_by: z.number(),
};

const schemaVersion = z.union([z.literal(LEDGER_SCHEMA_VERSION), z.literal(WISH_SCHEMA_VERSION)]);

/** The wish: when to release the room. An item has all three attributes or none. Times are epoch milliseconds. */
const wish = {
  /** The release time; `KEEP_MS` if the room must be kept. */
  release_at: z.number(),
  /** When the wish was made. The wish that was made last wins (rule RANK). */
  release_wished_at: z.number(),
  /** The earliest time of the release: `release_at`, or the end of a command's grace period. */
  release_due_at: z.number(),
};

const facts = {
  id: z.string(),
  schema_version: schemaVersion,
  region: z.string(),
  /** The tenant of the message that began this generation. Items of version 0.1.0 have none. */
  tenant: z.optional(z.string()),
  /** Every acquire sets a new token, so an earlier owner's writes fail their condition. */
  lease_token: z.string(),
  lease_end: z.number(),
  /** The number of writes. Every write is conditional on the version and the token, so a delayed write fails. */
  version: z.number().check(z.int(), z.positive()),
  claim_id: z.string(),
  /** The number of times that the key has been claimed again after a failure. */
  generation: z.number().check(z.int(), z.minimum(0)),
  /** The intent. While it is set, a room of this generation may exist. It is the signing time of the call, in epoch milliseconds. */
  create_started_at: z.optional(z.number()),
  /** The ARN of the room from whose tags the intent was rebuilt, after the ledger had been restored from a backup (rule REBUILD). */
  rebuilt_from: z.optional(z.string()),
  /** The progress of the search for the intent's room, or the proof that there is none. If it cannot be read, the search starts again. */
  listing: z.catch(z.optional(z.union([provenNoneSchema, listingProgressSchema])), undefined),
  /** When this generation was first refused with AccessDenied. */
  denied_at: z.optional(z.number()),
  /** The short ids of the bulk jobs whose stop has ended a generation. Their messages may not claim the key again (rule STOP). */
  stopped_jobs: z.optional(z.set(z.string())),
  /** Requests that were sent later belong to other jobs with the same ids. */
  stopped_until: z.optional(z.number()),
  /** The failure of an earlier generation applies to all requests that were sent up to this time. */
  answered_until: z.optional(z.number()),
  ...z.partial(z.object(wish)).shape,
  /** A wish that was made at this time or before does not apply to this generation (rule BOUND). */
  begun_after: z.optional(z.number()),
  /** The keys of the due index. The item is in the index while it has both. */
  release_shard: z.optional(z.string()),
  release_look_at: z.optional(z.number()),
  /**
   * Why the key's requests waited. Only the times of waits and probes depend on these notes, so unreadable notes do not count as damage.
   */
  waits: z.catch(z.optional(waitsSchema), undefined),
};
const decided = {
  ...requested,
  status: z.enum(['INPROGRESS', 'COMPLETED']),
  decided_at: z.number(),
  completion: completionText,
};

const released = {
  /** The mark: from now on the room will be deleted. */
  release_marked_at: z.optional(z.number()),
  /** The `released` event as it is published, in JSON. The mark composes it (rule BODY). */
  released_event: z.optional(z.string()),
  /** When the release was finished: the room is deleted, and the event was published. */
  released_at: z.optional(z.number()),
  /** The time since which the calls of the release have been denied. Only the times of waits depend on this. */
  release_denied_since: z.catch(z.optional(z.number()), undefined),
};

const ledgerItemSchema = z
  .discriminatedUnion('decision', [
    z
      .object({
        ...facts,
        ...z.partial(z.object(requested)).shape,
        status: z.literal('INPROGRESS'),
        decision: z.optional(z.undefined()),
      })
      .check(checkRequested),
    z.object({ ...facts, ...decided, decision: z.literal('failed') }),
    z.object({ ...facts, ...decided, ...released, decision: z.literal('room'), room_arn: z.string() }),
  ])
  .check(checkWish);

const wishOnlyItemSchema = z.object({
  id: z.string(),
  schema_version: z.literal(WISH_SCHEMA_VERSION),
  idempotency_key: z.string(),
  claim_id: z.optional(z.undefined()),
  ...wish,
});

/** A rebuilt item lacks these attributes until its first request writes them. Any other item that lacks them is damaged. */
function checkRequested({ value, issues }: z.core.ParsePayload<{ rebuilt_from?: string | undefined }>): void {
  if (value.rebuilt_from !== undefined) return;
  for (const name of Object.keys(requested).filter((each) => !(each in value)))
    issues.push({ code: 'custom', path: [name], message: 'is missing', input: value });
}

function checkWish({ value, issues }: z.core.ParsePayload<object>): void {
  const missing = Object.keys(wish).filter((each) => !(each in value));
  if (missing.length === Object.keys(wish).length) return;
  for (const name of missing) issues.push({ code: 'custom', path: [name], message: 'is missing', input: value });
}

/** The ledger's item for one idempotency key that was requested. docs/ledger.md describes every attribute. */
export type LedgerItem = z.infer<typeof ledgerItemSchema>;
export type DecidedItem = Extract<LedgerItem, { decision: 'room' | 'failed' }>;
export type RoomItem = Extract<LedgerItem, { decision: 'room' }>;

/**
 * The ledger's item for a key that has a wish, but no request. All code that judges rooms and claims treats it as absent. The first request
 * turns it into a `LedgerItem`.
 */
export type WishOnlyItem = z.infer<typeof wishOnlyItemSchema>;
export type StoredItem = LedgerItem | WishOnlyItem;

export function isClaimed(item: StoredItem | undefined): item is LedgerItem {
  return item?.claim_id !== undefined;
}

/** Whether a room may exist that the item does not name. Without an item nothing is known, so a room may exist. */
export function mayHaveRoom(item: LedgerItem | undefined): boolean {
  return item === undefined || (item.decision === undefined && item.create_started_at !== undefined);
}

/** An item that this version cannot read: it has a newer schema, or was changed by hand. A person must examine its request. */
export class DamagedItemError extends Error {
  override readonly name = 'DamagedItemError';
}

/**
 * Parses the attributes of an item.
 * @throws DamagedItemError that names the invalid attributes
 */
export function parseStoredItem(attributes: Record<string, AttributeValue>): StoredItem {
  const raw = unmarshall(attributes);
  const isWishOnly = raw.claim_id === undefined && raw.release_wished_at !== undefined;
  const parsed = isWishOnly ? wishOnlyItemSchema.safeParse(raw) : ledgerItemSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = describeProblems(parsed.error);
  throw new DamagedItemError(`The ledger item ${String(raw.id)} cannot be read: ${problems}`);
}

/**
 * Parses the attributes of the item of a requested key.
 * @throws DamagedItemError that names the invalid attributes
 */
export function parseLedgerItem(attributes: Record<string, AttributeValue>): LedgerItem {
  const item = parseStoredItem(attributes);
  if (isClaimed(item)) return item;
  throw new DamagedItemError(`The ledger item ${item.id} contains only a wish`);
}

function describeProblems(error: z.core.$ZodError): string {
  // An item is flat, so the path of an issue is the name of an attribute.
  return error.issues.map(({ path, message }) => `${String(path[0])} ${message}`).join('; ');
}
