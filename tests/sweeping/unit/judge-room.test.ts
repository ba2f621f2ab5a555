import { describe, expect, test } from '@jest/globals';
import { KEEP_MS } from '../../../lib/contract/release-wish.ts';
import { judgeRoom } from '../../../lib/sweeping/judge-room.ts';
import { isOfSafeAge, toOwnRoom } from '../../../lib/sweeping/sweep-room.ts';
import { failedItem, roomItem, undecidedItem } from '../../support/ledger-items.ts';

const HOUR_MS = 3_600_000;
const SAFE_AGE_MS = 600_000;
const TIMES = { nowMs: 100 * HOUR_MS, safeAgeMs: SAFE_AGE_MS };
const generation = (number: number) => ({ claim_id: 'c', generation: number });
const room = (claim: string | undefined) => ({
  arn: 'this',
  tags: claim === undefined ? {} : { 'greenroom:claim': claim },
});

describe('the verdict on a room is', () => {
  test.each([
    ['owned if the ledger names it', room('c.1'), roomItem({ ...generation(1), room_arn: 'this' }), 'owned'],
    // According to isExtraRoom alone, this room could be deleted.
    [
      'owned if the ledger names it, although its tag was changed',
      room('c.0'),
      roomItem({ ...generation(1), room_arn: 'this' }),
      'owned',
    ],
    ['undecided if its generation is undecided', room('c.1'), undecidedItem(generation(1)), 'undecided'],
    [
      'extra if its generation has another room',
      room('c.1'),
      roomItem({ ...generation(1), room_arn: 'other' }),
      'extra',
    ],
    ['extra if its generation failed', room('c.1'), failedItem(generation(1)), 'extra'],
    ['extra if an earlier generation created it', room('c.0'), undecidedItem(generation(1)), 'extra'],
    [
      'unknown if its generation is later than that of the item, which may have been restored from a backup',
      room('c.2'),
      failedItem(generation(1)),
      'unknown',
    ],
    ['unknown if another claim created it', room('d.1'), undecidedItem(generation(1)), 'unknown'],
    ['unknown if it has no claim', room(undefined), failedItem(generation(1)), 'unknown'],
    ['unknown if there is no item', room('c.1'), undefined, 'unknown'],
  ])('%s', (_why, judged, item, verdict) => {
    expect(judgeRoom(judged, item, TIMES)).toBe(verdict);
  });

  const NOW_MS = TIMES.nowMs;
  const due = (dueAtMs: number) => ({ release_at: 1, release_wished_at: 1, release_due_at: dueAtMs, decided_at: 0 });
  const marked = (atMs: number) => ({ ...due(0), release_marked_at: atMs, released_event: '{}' });
  test.each<[string, object, string, string?]>([
    ['owned while its wish has been due for an hour', due(NOW_MS - HOUR_MS), 'owned'],
    ['overdue after that', due(NOW_MS - HOUR_MS - 1), 'overdue'],
    ['owned if it was decided only after its release was due', { ...due(0), decided_at: NOW_MS - HOUR_MS }, 'owned'],
    ['owned if it must be kept', { ...due(0), release_at: KEEP_MS }, 'owned'],
    ['owned if its wish was made for an earlier generation', { ...due(0), begun_after: 1 }, 'owned'],
    ['owned if somebody has taken it over, so that it is not released', due(0), 'owned', 'd.1'],
    ['owned while it has been marked for an hour', marked(NOW_MS - HOUR_MS), 'owned'],
    ['overdue after that, whoever has its tag', marked(NOW_MS - HOUR_MS - 1), 'overdue', 'd.1'],
    ['owned while it may still be listed', { ...marked(0), released_at: NOW_MS - SAFE_AGE_MS }, 'owned'],
    ['survivor after that', { ...marked(0), released_at: NOW_MS - SAFE_AGE_MS - 1 }, 'survivor'],
  ])('%s', (_why, facts, verdict, claim = 'c.1') => {
    const item = roomItem({ ...generation(1), room_arn: 'this', ...facts });
    expect(judgeRoom(room(claim), item, TIMES)).toBe(verdict);
  });

  test('extra for another room of the claim, even if the room of the ledger is overdue', () => {
    const item = roomItem({ ...generation(1), room_arn: 'other', ...marked(0) });
    expect(judgeRoom(room('c.1'), item, TIMES)).toBe('extra');
  });
});

describe('a listed room', () => {
  const ledgerKey = 'a'.repeat(64);
  const createTime = new Date(5_000);
  const deployed = { stage: 'test', deploymentRegion: 'eu-west-1' };

  test.each([
    ['the tag of this deployment', 'test.eu-west-1'],
    ['the tag of this stage alone, which the releases up to 0.1.0 wrote', 'test'],
  ])('belongs to greenroom if it has %s, and has a key and a creation time', (_which, stage) => {
    const tags = { 'greenroom:stage': stage, 'greenroom:key': ledgerKey };
    expect(toOwnRoom({ arn: 'arn', tags, createTime }, 'us-west-2', deployed)).toEqual({
      arn: 'arn',
      tags,
      region: 'us-west-2',
      ledgerKey,
      createdAtMs: 5_000,
    });
  });

  test.each([
    ['no tags', undefined],
    ['another stage', { 'greenroom:stage': 'testing', 'greenroom:key': ledgerKey }],
    ['another stage in this region', { 'greenroom:stage': 'testing.eu-west-1', 'greenroom:key': ledgerKey }],
    ['this stage in another region', { 'greenroom:stage': 'test.us-west-2', 'greenroom:key': ledgerKey }],
    ['no stage', { 'greenroom:key': ledgerKey }],
  ])('does not belong to greenroom if it has %s', (_which, tags) => {
    expect(toOwnRoom({ arn: 'arn', tags, createTime }, 'eu-west-1', deployed)).toBeUndefined();
  });

  test.each(['', 'key', 'A'.repeat(64), `${ledgerKey}a`])('has no key if its key tag is "%s"', (tag) => {
    const tags = { 'greenroom:stage': 'test.eu-west-1', 'greenroom:key': tag };
    expect(toOwnRoom({ arn: 'arn', tags }, 'eu-west-1', deployed)?.ledgerKey).toBeUndefined();
  });
});

describe('a room is old enough to be deleted', () => {
  test.each([
    ['not at exactly the safe age', 1_000, 61_000, false],
    ['after the safe age', 1_000, 61_001, true],
    ['not if a fast clock has created it in the future', 90_000, 61_001, false],
    ['not if it has no creation time', undefined, 61_001, false],
  ])('%s', (_when, createdAtMs, nowMs, safe) => {
    expect(isOfSafeAge({ createdAtMs }, nowMs, 60_000)).toBe(safe);
  });
});
