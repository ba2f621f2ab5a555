import { failedCompletion, provisionedCompletion } from '../../lib/contract/completion.ts';
import type { DecidedItem, LedgerItem } from '../../lib/ledger/ledger-item.ts';

type Undecided = Extract<LedgerItem, { decision?: undefined }>;
type WithRoom = Extract<DecidedItem, { decision: 'room' }>;
type Failed = Extract<DecidedItem, { decision: 'failed' }>;

const facts = {
  id: 'k',
  schema_version: 1,
  idempotency_key: 'key',
  region: 'eu-west-1',
  lease_token: 'token',
  lease_end: 0,
  version: 1,
  claim_id: 'claim',
  generation: 0,
  payload_hash: 'payload',
  needed_by: 0,
  status: 'INPROGRESS',
} as const;

/** The common fields of the completions of these items. */
export const decided = {
  stage: 'test',
  idempotencyKey: 'key',
  tenant: 'default',
  region: 'eu-west-1',
  claimId: 'claim',
  generation: 0,
  payloadHash: 'payload',
  decidedAtMs: 0,
} as const;

export function undecidedItem(changes: Partial<Undecided> = {}): Undecided {
  return { ...facts, decision: undefined, ...changes };
}

export function roomItem(changes: Partial<WithRoom> = {}): WithRoom {
  const completion = provisionedCompletion({ ...decided, outcome: 'created', late: false, room: { arn: 'arn' } });
  return { ...facts, decision: 'room', room_arn: 'arn', decided_at: 0, completion, ...changes };
}

export function failedItem(changes: Partial<Failed> = {}): Failed {
  const error = { name: 'E', message: 'm' };
  const completion = failedCompletion({ ...decided, reason: 'expired', error, retryable: true });
  return { ...facts, decision: 'failed', decided_at: 0, completion, ...changes };
}
