import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { parseLedgerItem } from '../../lib/ledger/ledger-item.ts';
import { failedItem, roomItem, undecidedItem } from '../support/ledger-items.ts';

/** An item as DynamoDB stores it: the completion is a string, and undefined attributes are absent. */
function stored(item: object): Parameters<typeof parseLedgerItem>[0] {
  const completion = 'completion' in item && item.completion ? JSON.stringify(item.completion) : undefined;
  return marshall({ ...item, completion }, { removeUndefinedValues: true });
}

describe('a ledger item', () => {
  test.each([
    ['undecided', undecidedItem()],
    ['undecided with an intent', undecidedItem({ create_started_at: 17 })],
    [
      'undecided with a listing',
      undecidedItem({ listing: { intent: 1, started_at: 2, pass_started_at: 3, depth: 4, token: 'next' } }),
    ],
    [
      'rebuilt, and not requested yet',
      undecidedItem({
        rebuilt_from: 'arn',
        create_started_at: 17,
        payload_hash: undefined,
        needed_by: undefined,
        idempotency_key: undefined,
      }),
    ],
    ['with a room', roomItem()],
    ['with a room, completed', roomItem({ status: 'COMPLETED' })],
    ['failed', failedItem()],
  ])('%s is read unchanged', (_state, item) => {
    expect(parseLedgerItem(stored(item))).toEqual(JSON.parse(JSON.stringify(item)));
  });

  test('with an unreadable listing has no listing, so that the search starts again', () => {
    const item = { ...undecidedItem({ create_started_at: 17 }), listing: { intent: 'seventeen' } };
    expect(parseLedgerItem(stored(item)).listing).toBeUndefined();
  });

  test.each([
    ['of an unknown schema version', { ...roomItem(), schema_version: 3 }, /schema_version/],
    ['with an unknown status', { ...roomItem(), status: 'EXPIRED' }, /status/],
    ['completed without a decision', { ...undecidedItem(), status: 'COMPLETED' }, /status/],
    ['with a room decision but no ARN', { ...roomItem(), room_arn: undefined }, /room_arn/],
    ['with a decision but no completion', { ...roomItem(), completion: undefined }, /completion/],
    ['with an invalid completion', { ...failedItem(), completion: { id: 1 } }, /completion is not a valid/],
    ['not rebuilt, without a payload', { ...undecidedItem(), payload_hash: undefined }, /payload_hash is missing$/],
    ['not rebuilt, without a time', { ...undecidedItem(), needed_by: undefined }, /needed_by is missing$/],
    ['not rebuilt, without a key', { ...undecidedItem(), idempotency_key: undefined }, /idempotency_key is missing$/],
    ['without a lease', { ...undecidedItem(), lease_end: undefined }, /lease_end/],
    ['with a version that is not a number', { ...undecidedItem(), version: 'seven' }, /version/],
  ])('%s is refused with the reason', (_state, item, reason) => {
    expect(() => parseLedgerItem(stored(item))).toThrow(reason);
  });

  const { completion: _, decision, ...facts } = roomItem({ create_started_at: 1, denied_at: 2 });

  test.each(Object.keys(facts))('with a %s of another type is refused, and the reason names it', (name) => {
    expect(() => parseLedgerItem(stored({ ...roomItem(), [name]: true }))).toThrow(new RegExp(`: ${name} [^;]*$`));
  });

  test.each([
    ['version', 0],
    ['version', 1.5],
    ['generation', -1],
    ['generation', 0.5],
  ])('with the %s %d is refused', (name, value) => {
    expect(() => parseLedgerItem(stored({ ...roomItem(), [name]: value }))).toThrow(name);
  });

  test('with an unknown decision is refused', () => {
    expect(() => parseLedgerItem(stored({ ...roomItem(), decision: 'perhaps' }))).toThrow(/decision/);
  });

  test.each(['', '{', '{}'])('with the completion "%s" is refused', (text) => {
    const { completion, ...item } = roomItem();
    const attributes = { ...stored(item), completion: { S: text } };
    expect(() => parseLedgerItem(attributes)).toThrow('completion is not a valid completion');
  });

  test('is named in the error, with all of its problems', () => {
    const damaged = stored({ ...undecidedItem(), lease_end: 'soon', version: 'seven' });
    expect(() => parseLedgerItem(damaged)).toThrow(
      /^The ledger item k cannot be read: lease_end [^;]+expected number[^;]+; version [^;]+$/,
    );
    expect(() => parseLedgerItem(damaged)).toThrow(expect.objectContaining({ name: 'DamagedItemError' }));
  });
});
