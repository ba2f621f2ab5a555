import { describe, expect, test } from '@jest/globals';
import { judgeRoom } from '../../../lib/sweeping/judge-room.ts';
import { isOfSafeAge, toOwnRoom } from '../../../lib/sweeping/sweep-room.ts';
import { failedItem, roomItem, undecidedItem } from '../../support/ledger-items.ts';

const generation = (number: number) => ({ claim_id: 'c', generation: number });
const room = (claim: string | undefined) => ({
  arn: 'this',
  tags: claim === undefined ? {} : { 'greenroom:claim': claim },
});

describe('the verdict on a room', () => {
  test.each([
    ['the ledger names it', room('c.1'), roomItem({ ...generation(1), room_arn: 'this' }), 'owned'],
    // By isExtraRoom alone it could be deleted.
    [
      'the ledger names it, and somebody has changed its tag',
      room('c.0'),
      roomItem({ ...generation(1), room_arn: 'this' }),
      'owned',
    ],
    ['its generation is undecided', room('c.1'), undecidedItem(generation(1)), 'undecided'],
    ['its generation has another room', room('c.1'), roomItem({ ...generation(1), room_arn: 'other' }), 'extra'],
    ['its generation failed', room('c.1'), failedItem(generation(1)), 'extra'],
    ['an earlier generation made it', room('c.0'), undecidedItem(generation(1)), 'extra'],
    [
      'it is of a later generation than the item, which was restored perhaps',
      room('c.2'),
      failedItem(generation(1)),
      'unknown',
    ],
    ['another claim made it', room('d.1'), undecidedItem(generation(1)), 'unknown'],
    ['it has no claim', room(undefined), failedItem(generation(1)), 'unknown'],
    ['there is no item', room('c.1'), undefined, 'unknown'],
  ])('%s', (_why, judged, item, verdict) => {
    expect(judgeRoom(judged, item)).toBe(verdict);
  });
});

describe('a listed room', () => {
  const ledgerKey = 'a'.repeat(64);
  const createTime = new Date(5_000);

  test('of our stage is ours, with its key and age', () => {
    const tags = { 'greenroom:stage': 'test', 'greenroom:key': ledgerKey };
    expect(toOwnRoom({ arn: 'arn', tags, createTime }, 'eu-west-1', 'test')).toEqual({
      arn: 'arn',
      tags,
      region: 'eu-west-1',
      ledgerKey,
      createdAtMs: 5_000,
    });
  });

  test.each([
    ['no tags', undefined],
    ['another stage', { 'greenroom:stage': 'testing', 'greenroom:key': ledgerKey }],
    ['no stage', { 'greenroom:key': ledgerKey }],
  ])('with %s is not', (_which, tags) => {
    expect(toOwnRoom({ arn: 'arn', tags, createTime }, 'eu-west-1', 'test')).toBeUndefined();
  });

  test.each(['', 'key', 'A'.repeat(64), `${ledgerKey}a`])('has no key if its tag is "%s"', (tag) => {
    const tags = { 'greenroom:stage': 'test', 'greenroom:key': tag };
    expect(toOwnRoom({ arn: 'arn', tags }, 'eu-west-1', 'test')?.ledgerKey).toBeUndefined();
  });
});

describe('the safe age', () => {
  test.each([
    ['reached', 1_000, 61_000, false],
    ['passed', 1_000, 61_001, true],
    ['of a room that a fast clock has made in the future', 90_000, 61_001, false],
    ['of a room without a time', undefined, 61_001, false],
  ])('%s', (_which, createdAtMs, nowMs, safe) => {
    expect(isOfSafeAge({ createdAtMs }, nowMs, 60_000)).toBe(safe);
  });
});
