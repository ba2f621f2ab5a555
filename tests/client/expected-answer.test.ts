import { describe, expect, test } from '@jest/globals';
import { type ExpectedAnswer, expectedAnswer } from '../../client/operate/expected-answer.ts';
import { payloadHash } from '../../lib/contract/keys.ts';
import { roomRequestSchema } from '../../lib/contract/room-request.ts';
import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';
import type { LedgerReading } from '../../lib/ledger/read-ledger-item.ts';
import { failedItem, roomItem, undecidedItem } from '../support/ledger-items.ts';

const NOW_MS = 1_000;
const REGION = 'eu-west-1';
const request = roomRequestSchema.parse({ idempotencyKey: 'key', room: { name: 'final' } });
const payload_hash = payloadHash({ room: request.room, region: REGION });
const known = (item: LedgerItem): LedgerReading => ({ kind: 'known', item, expiresAtMs: undefined });
const room = roomItem({ status: 'COMPLETED', payload_hash });
const failed = failedItem({ status: 'COMPLETED', payload_hash });

const CASES: [string, LedgerReading, ExpectedAnswer, number?][] = [
  ['an unknown key', { kind: 'unknown' }, 'new'],
  ['an unknown key, too late', { kind: 'unknown' }, 'expired', NOW_MS],
  ['a damaged item', { kind: 'damaged', problem: 'unreadable' }, 'damaged'],
  ['the same request in progress', known(undecidedItem({ payload_hash })), 'in-progress'],
  ['another request in progress', known(undecidedItem()), 'other-payload'],
  ['an item that was rebuilt', known(undecidedItem({ payload_hash: undefined, rebuilt_from: 'arn' })), 'in-progress'],
  ['the same request with a room', known(room), 'replay'],
  ['the same request with a room, too late', known(room), 'replay', NOW_MS],
  ['another request with a room', known(roomItem({ status: 'COMPLETED' })), 'other-payload'],
  ['a room that is released', known({ ...room, release_marked_at: 500 }), 'released'],
  ['a request that failed', known(failed), 'retry'],
  ['another request that failed', known(failedItem({ status: 'COMPLETED' })), 'retry'],
  ['a request that failed, too late', known(failed), 'expired', NOW_MS],
];

describe('the answer to a request that arrives now', () => {
  test.each(CASES)('%s', (_what, reading, expected, neededByMs = 2_000) => {
    expect(expectedAnswer(reading, { request, region: REGION, neededByMs }, NOW_MS)).toBe(expected);
  });
});
