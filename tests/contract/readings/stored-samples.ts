import { LIVE_EVENT, PUBLISHED } from './samples.ts';

const T = 1_796_000_000_000;
const completion = (outcome: string) =>
  JSON.stringify(PUBLISHED.find((sample) => JSON.stringify(sample).includes(`"type":"greenroom.room.${outcome}.v1"`)));

const CLAIM = {
  id: 'l-1',
  schema_version: 2,
  region: 'eu-west-1',
  tenant: 'acme',
  lease_token: 't-1',
  lease_end: T,
  version: 4,
  claim_id: 'c-1',
  generation: 0,
  create_started_at: T,
  listing: { intent: T, started_at: T, pass_started_at: T, depth: T, token: 'n' },
  stopped_jobs: new Set(['j-1']),
  release_at: T,
  release_wished_at: T,
  release_due_at: T,
  release_shard: 's-1',
  release_look_at: T,
  waits: { throttled: { first: T, last: T, count: 2 } },
};
const REQUESTED = { idempotency_key: 'booking-1', payload_hash: 'h', needed_by: T };
const DECIDED = { ...CLAIM, ...REQUESTED, status: 'COMPLETED', decided_at: T };

export const LEDGER_ITEMS: readonly unknown[] = [
  { ...CLAIM, ...REQUESTED, status: 'INPROGRESS' },
  {
    ...CLAIM,
    ...REQUESTED,
    status: 'INPROGRESS',
    listing: { intent: T, started_at: T, none: true },
    rebuilt_from: 'arn',
  },
  { ...DECIDED, decision: 'failed', completion: completion('failed') },
  { ...DECIDED, decision: 'room', completion: completion('provisioned'), room_arn: 'arn', release_marked_at: T },
  {
    id: 'l-1',
    schema_version: 2,
    idempotency_key: 'booking-1',
    release_at: T,
    release_wished_at: T,
    release_due_at: T,
  },
];

export const PACE_ITEM = {
  free_at: T,
  rate: 4.5,
  rate_at: T,
  open_until: T,
  opened_by: 'booking-1',
  open_reason: 'quota',
  fruitless: new Set(['acme']),
  open_step: 2,
  denied_keys: new Set(['booking-1']),
  ceiling: 4,
  bulk_paused_until: T,
  stopped_jobs: new Set(['j-1']),
};

export const READER_ITEM = {
  job_id: 'j',
  lease_end: T,
  checked: { rows: 3, members: 2, invalid: 1, repeated: 0 },
  read_as: { encoding: 'utf-8', literal: false },
  done: 1,
  regions: { 'eu-west-1': { done: 1, sent: 1, looked_at: T, answered: 1 } },
  notice: { bucket: 'b', key: 'k', etag: 'e', sequencer: '0055', putAtMs: T },
  names: new Set(['n']),
};

const ROSTER = {
  schema_version: 1,
  roster_id: 'r-1',
  state: 'sealed',
  revision: 1,
  created_at: T,
  members: 2,
  provisioned: 1,
};
export const ROSTER_ITEMS: readonly unknown[] = [
  { ...ROSTER, kind: 'bulk', bulk: { manifest: 's3://b/k', name: 'n' }, rows: 3, answered: { 'eu-west-1': 1 } },
  { ...ROSTER, kind: 'live-event', live_event: { liveEventId: 'e-1', revision: 1, startsAt: '2026-12-18T14:00:00Z' } },
];
export const MEMBER = {
  ledger_key: 'l-1',
  idempotency_key: 'booking-1',
  region: 'eu-west-1',
  room_name: 'n',
  row: 2,
  place: 1,
  outcome: 'failed',
  reason: 'refused',
  error: 'e',
};
export const ROSTER_ROW = {
  row: 3,
  place: 2,
  repeats: 'l-1',
  problems: [{ path: 'p', message: 'm' }],
  problems_total: 1,
};

const EVENT = {
  schema_version: 1,
  live_event_id: 'e-1',
  tenant: 'acme',
  metadata: '{"a":1}',
  revision: 3,
  opened_revisions: new Set([1, 2]),
  hash: 'h',
  meaning: 'm',
  accepted_at: T,
  starts_at: T,
  opens_at: T,
  check_at: T,
  rooms_by_region: { 'eu-west-1': 2 },
  rooms: JSON.stringify(LIVE_EVENT.rooms),
};
export const LIVE_EVENT_ITEMS: readonly unknown[] = [
  { ...EVENT, live_state: 'pending', expected_at: T },
  { ...EVENT, live_state: 'opened', opened_at: T, ready_by: T },
  { ...EVENT, live_state: 'cancelled', cancelled_at: T, cancelled_revision: 4 },
];
export const REFUSED_REVISION = {
  live_event_id: 'e-1',
  revision: 4,
  hash: 'h',
  problems: [{ path: 'p', message: 'm' }],
  problems_total: 1,
  refused_at: T,
};
export const SWEEP_ITEM = { started_at: T, rooms_eu_west_1: { rooms: 3, at: T }, next_region: 'eu-west-1' };
export const PARKED_NOTE = {
  reason: 'unparseable',
  detail: 'd',
  sourceQueue: 'arn:aws:sqs:eu-west-1:123456789012:q',
  messageId: 'm-1',
  sentAt: '2026-12-01T10:00:00.000Z',
  wishedAt: '2026-12-01T10:00:00.000Z',
  receiveCount: 3,
  parkedAt: '2026-12-01T11:00:00.000Z',
  isFromRoster: true,
  originalAttributes: { a: { dataType: 'String', stringValue: 'x' } },
};
