import { describe, expect, test } from '@jest/globals';
import { isExtraRoom } from '../../lib/ledger/is-extra-room.ts';
import { failedItem, roomItem, undecidedItem } from '../support/ledger-items.ts';

function room(claim: string | undefined, arn = 'extra') {
  return { arn, tags: claim === undefined ? {} : { 'greenroom:claim': claim } };
}
const generation = (number: number) => ({ claim_id: 'c', generation: number });

describe('a room may be deleted', () => {
  test.each([
    ['of an earlier generation, which ended in a failure', room('c.0'), undecidedItem(generation(1))],
    ['of the same generation, even if its key was claimed again many times', room('c.12'), failedItem(generation(12))],
    ['of a generation that failed', room('c.1'), failedItem(generation(1))],
    ['of a generation that has another room', room('c.1'), roomItem({ ...generation(1), room_arn: 'other' })],
  ])('if it is one %s', (_claim, extra, item) => {
    expect(isExtraRoom(extra, item)).toBe(true);
  });
});

describe('a room is left alone', () => {
  test.each([
    ['that the ledger names', room('c.1', 'named'), roomItem({ ...generation(1), room_arn: 'named' })],
    ['whose generation is undecided, because its owner may adopt it', room('c.1'), undecidedItem(generation(1))],
    ['of a later generation than that of the item', room('c.2'), failedItem(generation(1))],
    ['of another claim, because its key started again after its time to live', room('d.0'), roomItem(generation(1))],
    ['whose key the ledger does not know', room('c.0'), undefined],
    ['without a claim tag of greenroom', room(undefined), failedItem(generation(1))],
    ['with a claim tag that greenroom did not write', room('c'), failedItem(generation(1))],
    ['with a claim tag whose generation contains a letter', room('c.1b'), failedItem(generation(1))],
    ['with a claim tag of two lines', room('a\nc.1'), failedItem(generation(1))],
    ['with a claim tag whose generation is not a number', room('c.x'), failedItem(generation(1))],
  ])('if it is one %s', (_claim, extra, item) => {
    expect(isExtraRoom(extra, item)).toBe(false);
  });

  test('unless it is extra, even if a claim id contains dots', () => {
    expect(isExtraRoom(room('a.b.0'), failedItem({ claim_id: 'a.b', generation: 0 }))).toBe(true);
    expect(isExtraRoom(room('a.b.0'), failedItem({ claim_id: 'a', generation: 0 }))).toBe(false);
  });
});
