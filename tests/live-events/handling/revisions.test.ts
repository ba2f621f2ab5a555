import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { openLiveEventsWorld } from '../../../bench/live-events/world.ts';
import { liveEventMeaning } from '../../../lib/contract/live-event-meaning.ts';
import { parseLiveEventMessage } from '../../../lib/contract/live-event-message.ts';
import { liveEventKey } from '../../../lib/live-events/live-event-item.ts';
import { cancelled, describe as describeEvent, NOON_MS, openWorkshop, type Step, scheduled, tell } from '../story.ts';

type Changes = Record<string, unknown>;
const send = (minute: number, message: object): Step => ({ minute, send: message });
const MADE = ['90 room a of r1', '90 room b of r1', '90 completed r1 2 made, 0 failed'];
const [ROOM_A, ROOM_B] = [
  { key: 'a', room: {} },
  { key: 'b', room: {} },
];

describe('a revision that is sent again with the same meaning changes nothing, even', () => {
  test.each<[string, Changes, Changes]>([
    ['with another correlationId', { correlationId: 'attempt-1' }, { correlationId: 'attempt-2' }],
    [
      'with empty and null members, and without a correlationId',
      { correlationId: 'attempt-1' },
      {
        correlationId: null,
        rooms: [{ key: 'a', room: { name: null, tags: {}, messageReviewHandler: {} }, region: null }, ROOM_B],
      },
    ],
    ['with its start in whole seconds', { startsAt: '2026-12-18T14:00:00.000Z' }, { startsAt: '2026-12-18T14:00:00Z' }],
    ['with an offset instead of Z', { startsAt: '2026-12-18T14:00:00Z' }, { startsAt: '2026-12-18T14:00:00+00:00' }],
    [
      'with the local time of its time zone',
      { startsAt: '2026-12-18T14:00:00Z' },
      { startsAt: '2026-12-18T15:00:00', timezone: 'Europe/Berlin' },
    ],
    ['with the default lead time spelt out', {}, { leadTime: 'PT1800S' }],
    ['with the default check spelt out', {}, { atRiskTime: 'PT10M' }],
    [
      'with the default region and tenant spelt out',
      {},
      { tenant: 'default', rooms: [{ ...ROOM_A, region: 'eu-west-1' }, ROOM_B] },
    ],
    ['with its rooms in another order', {}, { rooms: [ROOM_B, ROOM_A] }],
    ['with an empty name, which counts as no name', {}, { rooms: [{ key: 'a', room: { name: '' } }, ROOM_B] }],
  ])('%s', async (_case, first, again) => {
    const { lines, errors } = await tell([send(0, scheduled(1, first)), send(1, scheduled(1, again))]);
    expect({ lines, errors }).toEqual({ lines: MADE, errors: [] });
  });
});

describe('a revision with a different meaning is refused, such as', () => {
  test.each<[string, Changes]>([
    ['another start', { at: 121 }],
    ['another lead time', { leadTime: 'PT31M' }],
    ['another check', { atRiskTime: 'PT11M' }],
    ['another tenant', { tenant: 'sports' }],
    ['another room under the same key', { rooms: [{ key: 'a', room: { maximumMessageLength: 7 } }, ROOM_B] }],
    ['a room in another region', { rooms: [{ ...ROOM_A, region: 'us-east-1' }, ROOM_B] }],
    ['one more room', { rooms: [ROOM_A, ROOM_B, { key: 'c', room: {} }] }],
  ])('%s', async (_case, again) => {
    const { lines } = await tell([send(0, scheduled(1)), send(1, scheduled(1, again))]);
    expect(lines).toEqual(['1 failed r1 revision', ...MADE]);
  });
});

describe('an item of release 0.1.0, which stores no meaning, is recognised by its text, its rooms and its times:', () => {
  const deliverAgain = async (first: Changes, again: Changes) => {
    const world = await openLiveEventsWorld(NOON_MS);
    try {
      openWorkshop(world, []);
      const deliver = async (changes: Changes) => {
        world.queue('live-events').send(JSON.stringify(scheduled(1, changes)));
        await world.deliver('live-events', world.queue('live-events').receive(1));
      };
      await deliver(first);
      const removal = { Key: liveEventKey('final'), UpdateExpression: 'REMOVE meaning' };
      await world.clients.dynamodb.send(new UpdateItemCommand({ TableName: 'rosters', ...removal }));
      await deliver(again);
      return world.published.map(({ event }) => describeEvent(event));
    } finally {
      await world.close();
    }
  };

  test.each<[string, Changes, Changes]>([
    ['the same text', { correlationId: 'x' }, { correlationId: 'x' }],
    ['another correlationId', { correlationId: 'x' }, { correlationId: 'y' }],
    ['other metadata', {}, { metadata: { attempt: 2 } }],
    ['an event whose check was moved', { at: 12, correlationId: 'x' }, { at: 12, correlationId: 'y' }],
  ])('%s', async (_case, first, again) => {
    expect(await deliverAgain(first, again)).toEqual([]);
  });

  test.each<[string, Changes]>([
    ['another room', { rooms: [ROOM_A] }],
    ['another start', { at: 121 }],
    ['another check', { atRiskTime: 'PT11M' }],
    ['another tenant', { tenant: 'sports' }],
  ])('%s is other content', async (_case, again) => {
    expect(await deliverAgain({ correlationId: 'x' }, { correlationId: 'y', ...again })).toEqual([
      'failed r1 revision',
    ]);
  });
});

test('the hash of a meaning includes the revision, so that an older revision has another hash', () => {
  const meaningOf = (revision: number) => {
    const read = parseLiveEventMessage(JSON.stringify(scheduled(revision)), {
      leadMs: 2e6,
      atRiskMs: 1e6,
      releases: false,
      region: 'eu-west-1',
      nowMs: NOON_MS,
    });
    return read.kind === 'scheduled' ? liveEventMeaning(read.plan, 'eu-west-1') : read.kind;
  };
  expect(meaningOf(1)).toMatch(/^[0-9a-f]{64}$/);
  expect(meaningOf(1)).not.toBe(meaningOf(2));
});

describe('a cancellation needs only the id and the revision. The event is cancelled whatever else the message contains:', () => {
  const detail = (fields: object) => ({
    'detail-type': 'Live Event Cancelled',
    detail: { ...fields, type: undefined },
  });
  const cloudEvent = (data: object, rest: object = {}) => ({
    specversion: '1.0',
    type: 'greenroom.live-event.cancelled.v1',
    data: { ...data, type: undefined },
    ...rest,
  });
  const notification = (message: object) => ({
    Type: 'Notification',
    Timestamp: 'yesterday',
    Message: JSON.stringify(message),
  });

  test.each<[string, object]>([
    ['the whole event', { ...scheduled(2), type: 'Live Event Cancelled' }],
    ['the whole event, as an EventBridge event', detail(scheduled(2))],
    ['the whole event, as a CloudEvent', cloudEvent(scheduled(2))],
    ['a reason', { ...cancelled(2), reason: 'rain' }],
    [
      'fields that are malformed',
      { ...cancelled(2), tenant: 'no tenant!', correlationId: 7, rooms: 'none', startsAt: 0 },
    ],
    ['an envelope whose time is malformed', { ...detail(cancelled(2)), time: 'yesterday' }],
    ['an envelope of another version', cloudEvent(cancelled(2), { specversion: '2.0' })],
    ['a notification whose timestamp is malformed', notification(detail(cancelled(2)))],
    ['null fields', { ...cancelled(2), tenant: null, reason: null, rooms: [null], startsAt: null }],
    ['null fields in an EventBridge event', { ...detail({ ...cancelled(2), tenant: null }), time: null, id: null }],
    ['null fields in a CloudEvent', cloudEvent({ ...cancelled(2), rooms: null }, { time: null, subject: null })],
    ['null fields in a notification', { ...notification(cloudEvent(cancelled(2), { time: null })), Timestamp: null }],
  ])('%s', async (_case, message) => {
    const { lines, schedules, errors } = await tell([send(0, scheduled(1)), send(30, message)]);
    expect({ lines, schedules, errors }).toEqual({ lines: ['30 cancelled r2'], schedules: [], errors: [] });
  });

  test('a cancellation without a revision is refused, with its problems', async () => {
    const { lines } = await tell([
      send(0, scheduled(1)),
      send(30, { ...cancelled(2), revision: 'two', reason: 'rain' }),
    ]);
    expect(lines).toEqual(['30 failed revision', ...MADE]);
  });
});
