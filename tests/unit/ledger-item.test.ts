import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { parseLedgerItem } from '../../lib/provisioning/ledger-item.ts';
import { failedItem, roomItem, undecidedItem } from '../support/ledger-items.ts';

/** As DynamoDB holds it: the completion is text, and what is undefined is not there. */
function stored(item: object): Parameters<typeof parseLedgerItem>[0] {
  const completion = 'completion' in item && item.completion ? JSON.stringify(item.completion) : undefined;
  return marshall({ ...item, completion }, { removeUndefinedValues: true });
}

describe('a ledger item', () => {
  test.each([
    ['undecided', undecidedItem()],
    ['undecided with an intent', undecidedItem({ create_started_at: 17 })],
    ['with a room', roomItem()],
    ['with a room, completed', roomItem({ status: 'COMPLETED' })],
    ['failed', failedItem()],
  ])('%s is read as it was written', (_state, item) => {
    expect(parseLedgerItem(stored(item))).toEqual(JSON.parse(JSON.stringify(item)));
  });

  test.each([
    ['of a form that is not known', { ...roomItem(), schema_version: 2 }, /schema_version/],
    ['of another status', { ...roomItem(), status: 'EXPIRED' }, /status/],
    ['completed without a decision', { ...undecidedItem(), status: 'COMPLETED' }, /status/],
    ['decided for a room without its ARN', { ...roomItem(), room_arn: undefined }, /room_arn/],
    ['decided without a completion', { ...roomItem(), completion: undefined }, /completion/],
    ['with a completion that is none', { ...failedItem(), completion: { id: 1 } }, /completion holds no/],
    ['without a lease', { ...undecidedItem(), lease_end: undefined }, /lease_end/],
    ['with a version of text', { ...undecidedItem(), version: 'seven' }, /version/],
  ])('%s is refused with the reason', (_state, item, reason) => {
    expect(() => parseLedgerItem(stored(item))).toThrow(reason);
  });
});
