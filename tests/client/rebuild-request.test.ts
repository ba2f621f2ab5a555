import { describe, expect, test } from '@jest/globals';
import { rebuildRoom } from '../../client/operate/rebuild-request.ts';
import { provisionedCompletion } from '../../lib/contract/completion.ts';
import { payloadHash } from '../../lib/contract/keys.ts';
import type { Room } from '../../lib/contract/room.ts';
import { decided, failedItem, roomItem, undecidedItem } from '../support/ledger-items.ts';

const HANDLER = 'arn:aws:lambda:eu-west-1:000000000000:function:review';
const LOGGING = 'arn:aws:ivschat:eu-west-1:000000000000:logging-configuration/a';

/** A room as IVS Chat returns it: with all defaults, and with the tags of greenroom. */
function made(room: Room) {
  const { messageReviewHandler: handler = {} } = room;
  const defaults = { name: 'greenroom-0f', maximumMessageRatePerSecond: 10, maximumMessageLength: 500 };
  return {
    ...{ ...defaults, arn: 'arn', id: 'id', createTime: '2026-01-01T00:00:00.000Z', ...room },
    messageReviewHandler: { fallbackResult: 'ALLOW', ...handler },
    tags: { ...room.tags, 'greenroom:key': 'hash' },
  };
}

function itemOf(room: Room, hash = payloadHash({ room, region: 'eu-west-1' })) {
  const completion = provisionedCompletion({ ...decided, outcome: 'created', late: false, room: made(room) });
  return roomItem({ payload_hash: hash, completion });
}

const ROOMS: Room[] = [
  {},
  { name: 'final' },
  { name: 'final', tags: { show: 'final' } },
  { maximumMessageRatePerSecond: 10 },
  { maximumMessageLength: 100, messageReviewHandler: { uri: HANDLER } },
  { messageReviewHandler: { uri: HANDLER, fallbackResult: 'DENY' }, loggingConfigurationIdentifiers: [LOGGING] },
  { messageReviewHandler: { fallbackResult: 'ALLOW' } },
];

describe('a room rebuilt from its completion', () => {
  test.each(ROOMS)('is the requested one: %j', (room) => {
    expect(rebuildRoom(itemOf(room))).toEqual(room);
  });

  test('states no member that the request has left out as empty', () => {
    const room = { name: '', tags: {}, messageReviewHandler: {} };
    expect(rebuildRoom(itemOf({}, payloadHash({ room, region: 'eu-west-1' })))).toEqual({});
  });

  test('is unknown if the hash confirms none', () => {
    expect(rebuildRoom(itemOf({ name: 'final' }, 'another'))).toBeUndefined();
    expect(rebuildRoom(undecidedItem())).toBeUndefined();
    expect(rebuildRoom(failedItem())).toBeUndefined();
  });

  test('of a failed request is known only if the request stated nothing about the room', () => {
    const hashOf = (room: Room) => payloadHash({ room, region: 'eu-west-1' });
    expect(rebuildRoom(failedItem({ payload_hash: hashOf({}) }))).toEqual({});
    expect(rebuildRoom(failedItem({ payload_hash: hashOf({ name: 'final' }) }))).toBeUndefined();
  });
});
