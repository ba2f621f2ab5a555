import { describe, expect, test } from '@jest/globals';
import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';
import { type Lag, lagBehind, type RoomAsProof, rebuildChange } from '../../lib/ledger/rebuild-item.ts';
import { failedItem, roomItem, undecidedItem } from '../support/ledger-items.ts';

const CREATED_MS = 1_000;

function room(claim: string, changes: Partial<RoomAsProof> = {}): RoomAsProof {
  return {
    arn: 'arn',
    region: 'eu-west-1',
    tags: { 'greenroom:claim': claim },
    createdAtMs: CREATED_MS,
    isNew: true,
    ...changes,
  };
}

describe('a room that was created after the backup, and the item of its key', () => {
  const cases: [string, RoomAsProof, LedgerItem | undefined, Lag][] = [
    ['the key has no item', room('claim.0'), undefined, 'missing'],
    ['the item names the room', room('claim.0'), roomItem(), 'known'],
    ['the item names another room: this one is extra', room('claim.0'), roomItem({ room_arn: 'other' }), 'known'],
    ["the room's generation failed: it is extra", room('claim.0'), failedItem(), 'known'],
    ["the item is of a later generation than the room's", room('claim.0'), undecidedItem({ generation: 1 }), 'known'],
    ['the key has failed, and was claimed again', room('claim.1'), failedItem(), 'behind'],
    ['the key failed later, and was claimed again', room('claim.1'), undecidedItem(), 'behind'],
    ['a changed tag: a room is never followed by another', room('claim.7'), roomItem(), 'known'],
    ['nothing was sent before the backup', room('claim.0'), undecidedItem(), 'undecided'],
    ['an earlier call was lost', room('claim.0'), undecidedItem({ create_started_at: 500 }), 'undecided'],
    ['it was rebuilt', room('claim.0'), undecidedItem({ rebuilt_from: 'arn', create_started_at: CREATED_MS }), 'known'],
    [
      'it was rebuilt from a younger room of the generation',
      room('claim.0'),
      undecidedItem({ rebuilt_from: 'other', create_started_at: CREATED_MS + 1 }),
      'undecided',
    ],
    ['the item is of an earlier life', room('next.0'), roomItem({ decided_at: 999 }), 'behind'],
    ['the item is of an earlier life, undecided', room('next.0'), undecidedItem(), 'behind'],
    ['the item is of a later life', room('former.0'), roomItem({ decided_at: 1_001 }), 'known'],
    ['the item is of a later life, undecided', room('former.0'), undecidedItem({ create_started_at: 1_001 }), 'known'],
    ['the tag was changed', room('claim'), undecidedItem(), 'untagged'],
    ['the tag was removed', room('claim.0', { tags: {} }), undefined, 'untagged'],
  ];
  test.each(cases)('%s', (_what, proof, item, lag) => {
    expect(lagBehind(proof, item)).toBe(lag);
  });
});

describe('the write that rebuilds an item', () => {
  test('is for a key that was not requested, and fails if it was by now', () => {
    const { condition, values } = rebuildChange(room('claim.2'), undefined, 'missing');
    expect(condition).toBe('attribute_not_exists(#claim_id)');
    expect(values).toMatchObject({ claim_id: 'claim', generation: 2, version: 1, over: 0, created_at: CREATED_MS });
  });

  test('is for an item exactly as it was read, and has another lease token', () => {
    const { condition, values } = rebuildChange(room('claim.1'), failedItem({ version: 7 }), 'behind');
    expect(condition).toBe('#version = :seen AND #lease_token = :seen_token');
    expect(values).toMatchObject({ seen: 7, seen_token: 'token', version: 8, generation: 1 });
    expect(values.token).not.toBe('token');
  });

  test('keeps the payload of an item of the same generation, and of no other', () => {
    const removedFor = (lag: 'undecided' | 'behind') => rebuildChange(room('claim.0'), undecidedItem(), lag).remove;
    expect(removedFor('undecided')).toEqual(['listing']);
    expect(removedFor('behind')).toEqual(expect.arrayContaining(['listing', 'payload_hash', 'needed_by', 'decision']));
  });
});
