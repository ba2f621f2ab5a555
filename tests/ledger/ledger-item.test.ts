import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { parseLedgerItem } from '../../lib/ledger/ledger-item.ts';
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
    [
      'undecided with a listing',
      undecidedItem({ listing: { intent: 1, started_at: 2, pass_started_at: 3, depth: 4, token: 'next' } }),
    ],
    ['with a room', roomItem()],
    ['with a room, completed', roomItem({ status: 'COMPLETED' })],
    ['failed', failedItem()],
  ])('%s is read as it was written', (_state, item) => {
    expect(parseLedgerItem(stored(item))).toEqual(JSON.parse(JSON.stringify(item)));
  });

  test('with a listing that cannot be read has none: the search begins anew', () => {
    const item = { ...undecidedItem({ create_started_at: 17 }), listing: { intent: 'seventeen' } };
    expect(parseLedgerItem(stored(item)).listing).toBeUndefined();
  });

  test.each([
    ['of a form that is not known', { ...roomItem(), schema_version: 2 }, /schema_version/],
    ['of another status', { ...roomItem(), status: 'EXPIRED' }, /status/],
    ['completed without a decision', { ...undecidedItem(), status: 'COMPLETED' }, /status/],
    ['decided for a room without its ARN', { ...roomItem(), room_arn: undefined }, /room_arn/],
    ['decided without a completion', { ...roomItem(), completion: undefined }, /completion/],
    ['with a completion that is none', { ...failedItem(), completion: { id: 1 } }, /completion is not a valid/],
    ['without a lease', { ...undecidedItem(), lease_end: undefined }, /lease_end/],
    ['with a version of text', { ...undecidedItem(), version: 'seven' }, /version/],
  ])('%s is refused with the reason', (_state, item, reason) => {
    expect(() => parseLedgerItem(stored(item))).toThrow(reason);
  });

  const { completion: _, decision, ...facts } = roomItem({ create_started_at: 1, denied_at: 2 });

  test.each(Object.keys(facts))('with a %s of another type is refused by its name', (name) => {
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

  test('with a decision that there is not is refused', () => {
    expect(() => parseLedgerItem(stored({ ...roomItem(), decision: 'perhaps' }))).toThrow(/decision/);
  });

  test.each(['', '{', '{}'])('with the completion "%s" is refused', (text) => {
    const { completion, ...item } = roomItem();
    const attributes = { ...stored(item), completion: { S: text } };
    expect(() => parseLedgerItem(attributes)).toThrow('completion is not a valid completion');
  });

  test('says of itself which it is, and all that is wrong', () => {
    const damaged = stored({ ...undecidedItem(), lease_end: 'soon', version: 'seven' });
    expect(() => parseLedgerItem(damaged)).toThrow(
      /^The ledger item k cannot be read: lease_end [^;]+expected number[^;]+; version [^;]+$/,
    );
    expect(() => parseLedgerItem(damaged)).toThrow(expect.objectContaining({ name: 'DamagedItemError' }));
  });
});
