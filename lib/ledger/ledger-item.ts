import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { type Completion, completionSchema } from '../contract/completion.ts';
import { parseJson } from '../contract/parse-json.ts';
import { waitsSchema } from './causes.ts';
import { listingProgressSchema, provenNoneSchema } from './listing-progress.ts';

/** The version of the item's schema that this release writes and reads. */
export const LEDGER_SCHEMA_VERSION = 1;

const completionText = z.string().transform((text, context): Completion => {
  const parsed = completionSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  context.addIssue('is not a valid completion');
  return z.NEVER;
});

/** What the first request of a generation writes. */
const requested = {
  idempotency_key: z.string(),
  payload_hash: z.string(),
  /** The latest `neededBy` of all messages of this generation, in epoch milliseconds. */
  needed_by: z.number(),
};

const facts = {
  id: z.string(),
  schema_version: z.literal(LEDGER_SCHEMA_VERSION),
  region: z.string(),
  /** The tenant of the message that began this generation. Items of release 0.1.0 have none. */
  tenant: z.string().optional(),
  /** Every acquire sets a new token, so an earlier owner's writes fail their condition. */
  lease_token: z.string(),
  lease_end: z.number(),
  /** The number of writes. Every write is conditional on the version and the token, so a delayed write fails. */
  version: z.number().int().positive(),
  claim_id: z.string(),
  /** The number of times that the key has been claimed again after a failure. */
  generation: z.number().int().min(0),
  /** The intent. While it is set, a room of this generation may exist. It is the signing time of the call, in epoch milliseconds. */
  create_started_at: z.number().optional(),
  /** The ARN of the room from whose tags the intent was rebuilt, after the ledger was restored from a backup (rule REBUILD). */
  rebuilt_from: z.string().optional(),
  /** The progress of the search for the intent's room, or the proof that there is none. If it cannot be read, the search starts again. */
  listing: z.union([provenNoneSchema, listingProgressSchema]).optional().catch(undefined),
  /** When this generation was first refused with AccessDenied. */
  denied_at: z.number().optional(),
  /** The short ids of the bulk jobs whose stop has ended a generation. Their messages do not claim the key again (rule STOP). */
  stopped_jobs: z.set(z.string()).optional(),
  /** Requests that were sent later belong to other jobs with the same ids. */
  stopped_until: z.number().optional(),
  /** All requests that were sent until this time were answered by the failure of an earlier generation. */
  answered_until: z.number().optional(),
  /** Why the key's requests waited. Only the times of waits and probes depend on this, so an unreadable value does not count as damage. */
  waits: waitsSchema.optional().catch(undefined),
};
const decided = {
  ...requested,
  status: z.enum(['INPROGRESS', 'COMPLETED']),
  decided_at: z.number(),
  completion: completionText,
};

const ledgerItemSchema = z.discriminatedUnion('decision', [
  z
    .object({
      ...facts,
      ...z.object(requested).partial().shape,
      status: z.literal('INPROGRESS'),
      decision: z.undefined().optional(),
    })
    .check(checkRequested),
  z.object({ ...facts, ...decided, decision: z.literal('failed') }),
  z.object({ ...facts, ...decided, decision: z.literal('room'), room_arn: z.string() }),
]);

/** A rebuilt item lacks these attributes until its first request writes them. Any other item that lacks them is damaged. */
function checkRequested({ value, issues }: z.core.ParsePayload<{ rebuilt_from?: string | undefined }>): void {
  if (value.rebuilt_from !== undefined) return;
  for (const name of Object.keys(requested).filter((each) => !(each in value)))
    issues.push({ code: 'custom', path: [name], message: 'is missing', input: value });
}

/** What the ledger stores for one idempotency key. docs/ledger.md describes every attribute. */
export type LedgerItem = z.infer<typeof ledgerItemSchema>;
export type DecidedItem = Extract<LedgerItem, { decision: 'room' | 'failed' }>;

/** Whether a room may exist that the item does not name. Without an item nothing is known, so a room may exist. */
export function mayHaveRoom(item: LedgerItem | undefined): boolean {
  return item === undefined || (item.decision === undefined && item.create_started_at !== undefined);
}

/** An item that this release cannot read: it has a newer schema, or was changed by hand. A person must examine its request. */
export class DamagedItemError extends Error {
  override readonly name = 'DamagedItemError';
}

/**
 * Parses the attributes of a ledger item.
 * @throws DamagedItemError that names the invalid attributes
 */
export function parseLedgerItem(attributes: Record<string, AttributeValue>): LedgerItem {
  const raw = unmarshall(attributes);
  const parsed = ledgerItemSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = describeProblems(parsed.error);
  throw new DamagedItemError(`The ledger item ${String(raw.id)} cannot be read: ${problems}`);
}

function describeProblems(error: z.ZodError): string {
  // An item is flat, so the path of an issue is the name of an attribute.
  return error.issues.map(({ path, message }) => `${String(path[0])} ${message}`).join('; ');
}
