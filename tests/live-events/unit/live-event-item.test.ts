import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from '@jest/globals';
import { parseLiveEventItem } from '../../../lib/live-events/live-event-item.ts';
import { DamagedRosterError } from '../../../lib/rosters/roster-item.ts';
import { pending } from './items.ts';

const { opened_revisions, sent_revisions, ...item } = pending();
const stored = { ...item, pk: 'roster#live/final', sk: 'event', rooms: JSON.stringify(item.rooms) };

test('an item without sets has no opened and no sent revisions', () => {
  expect(parseLiveEventItem(marshall(stored))).toEqual({ ...item, opened_revisions, sent_revisions });
});

test('the error of a damaged item names its key and all wrong attributes', () => {
  const damaged = marshall({ ...stored, starts_at: 'soon', rooms: '[{"key":7}]' });
  expect(() => parseLiveEventItem(damaged)).toThrow(DamagedRosterError);
  expect(() => parseLiveEventItem(damaged)).toThrow(
    /^The live event roster#live\/final cannot be read: starts_at [^;]+; rooms\.0\.key [^;]+; rooms\.0\.room [^;]+$/,
  );
});
