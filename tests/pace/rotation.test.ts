import { describe, expect, test } from '@jest/globals';
import { slotsBefore, withoutAbsent, withWorker, workerId } from '../../lib/pace/rotation.ts';

const rotation = { bulk_rotation: ['a', 'b', 'c', 'd'], bulk_last: 'b' };

describe('the rotation of the workers', () => {
  test.each([
    ['c', 0],
    ['d', 1],
    ['a', 2],
    ['b', 3],
    ['unknown', undefined],
  ])('%s has its turn after %p slots', (worker, slots) => {
    expect(slotsBefore(rotation, worker)).toBe(slots);
  });

  test('begins with its first member if a worker took the last slot that is not a member', () => {
    expect(slotsBefore({ ...rotation, bulk_last: 'unknown' }, 'a')).toBe(0);
    expect(slotsBefore({ bulk_rotation: ['a', 'b'] }, 'b')).toBe(1);
  });

  test('gets a new member before the one whose turn is next, so that the turn of the new one comes last', () => {
    const members = withWorker(rotation, 'new');
    expect(members).toEqual(['a', 'b', 'new', 'c', 'd']);
    expect(slotsBefore({ bulk_rotation: members, bulk_last: 'new' }, 'new')).toBe(4);
    expect(withWorker({}, 'new')).toEqual(['new']);
  });

  test('loses the members that had their turns before a worker, and did not take them', () => {
    expect(withoutAbsent(rotation, 'a', 2).toSorted()).toEqual(['a', 'b']);
    expect(withoutAbsent(rotation, 'c', 1).toSorted()).toEqual(['a', 'c', 'd']);
  });

  test('never loses the worker that finds others missing', () => {
    expect(withoutAbsent(rotation, 'a', 9)).toEqual(['a']);
  });

  test('stays small: it has at most 64 members', () => {
    const members = Array.from({ length: 64 }, (_, index) => `w${index}`);
    expect(withWorker({ bulk_rotation: members, bulk_last: 'w63' }, 'new')).toEqual(members);
    expect(withWorker({ bulk_rotation: members, bulk_last: 'w0' }, 'new')).toHaveLength(64);
  });

  test('names the workers briefly', () => {
    expect(workerId()).toMatch(/^[0-9a-z]{4}$/);
  });
});
