import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateScheduleCommand, type CreateScheduleCommandInput } from '@aws-sdk/client-scheduler';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { openLiveEventsWorld } from '../../../bench/live-events/world.ts';
import { canonicalJson, sha256 } from '../../../lib/contract/keys.ts';
import { scheduledLiveEventSchema } from '../../../lib/contract/live-event.ts';
import {
  cancelled,
  describe as describeEvent,
  MINUTE_MS,
  minuteOf,
  NOON_MS,
  openWorkshop,
} from '../../live-events/story.ts';
import { caseOf, recorded } from '../release.ts';

const scheduled = (revision: number, { at = 120, ...changes }: { at?: number } & Record<string, unknown> = {}) => ({
  type: 'Live Event Scheduled',
  liveEventId: 'final',
  revision,
  startsAt: new Date(NOON_MS + at * MINUTE_MS).toISOString(),
  rooms: [
    { key: 'a', room: { name: 'stage' } },
    { key: 'b', room: {}, region: 'us-east-1' },
  ],
  ...changes,
});

/** Plays an event from the moment at which release 0.1.0 left it. Its newest message arrives again. @returns the lines of its story */
async function continueEvent(name: string, again: object): Promise<string[]> {
  const { items, schedules, queues, recordedAtMs } = caseOf(recorded('live-events'), name);
  const world = await openLiveEventsWorld(recordedAtMs);
  const lines: Parameters<typeof openWorkshop>[1] = [];
  try {
    openWorkshop(world, lines);
    for (const Item of items) await world.clients.dynamodb.send(new PutItemCommand({ TableName: 'rosters', Item }));
    for (const schedule of schedules)
      await world.clients.scheduler.send(new CreateScheduleCommand(schedule as CreateScheduleCommandInput));
    for (const [queue, messages] of Object.entries(queues))
      for (const { body, attributes, groupId } of messages) world.queue(queue).send(body, { attributes, groupId });
    world.queue('live-events').send(JSON.stringify(again));
    await world.runUntil(NOON_MS + 24 * 60 * MINUTE_MS);
    expect(world.errors).toEqual([]);
    expect(await world.scheduleNames()).toEqual([]);
    lines.push(...world.published.map(({ event, ...when }) => ({ ...when, text: describeEvent(event) })));
    const told = lines.toSorted((a, b) => a.order - b.order).map(({ atMs, text }) => `${minuteOf(atMs)} ${text}`);
    // Two messages of one event in a batch may both request its rooms. The requests are the same.
    return [...new Set(told)];
  } finally {
    await world.close();
  }
}

const made = (revision: number, minute: number | string) => [
  `${minute} room a of r${revision}`,
  `${minute} room b of r${revision}`,
  `${minute} completed r${revision} 2 made, 0 failed`,
];

/** A revision that release 0.1.0 has accepted two seconds ago, and the item of its event. */
function takenByThatRelease(changes: object, atRiskMs: number) {
  const { type, ...text } = scheduled(1, { at: 20, ...changes });
  const event = scheduledLiveEventSchema.parse(text);
  const startsAtMs = NOON_MS + 20 * MINUTE_MS;
  const item = {
    ...{ pk: 'roster#live/final', sk: 'event', schema_version: 1, live_event_id: 'final', tenant: 'default' },
    ...{ live_state: 'pending', revision: 1, hash: sha256(canonicalJson(event)), accepted_at: NOON_MS - 2_000 },
    ...{ starts_at: startsAtMs, opens_at: startsAtMs - 30 * MINUTE_MS, check_at: startsAtMs - atRiskMs },
    ...{
      expected_at: NOON_MS,
      rooms: JSON.stringify(event.rooms),
      rooms_by_region: { 'eu-west-1': 1, 'us-east-1': 1 },
    },
    expires_at: Math.ceil(startsAtMs / 1000) + 90 * 86_400,
  };
  return { item: marshall(item), message: { type, ...text } };
}

describe('a revision that release 0.1.0 has accepted is fulfilled although this release would refuse it', () => {
  test.each<[string, object, number]>([
    ['with a check a minute before the start', { atRiskTime: 'PT1M' }, MINUTE_MS],
    ['with an abbreviation for a time zone', { timezone: 'BST' }, 10 * MINUTE_MS],
    ['with an abbreviation that the database has', { timezone: 'CET' }, 10 * MINUTE_MS],
    [
      'with a function of another region',
      {
        rooms: [
          { key: 'a', room: { messageReviewHandler: { uri: 'arn:aws:lambda:us-east-1:123456789012:function:f' } } },
          { key: 'b', room: {}, region: 'us-east-1' },
        ],
      },
      10 * MINUTE_MS,
    ],
  ])('%s', async (_what, changes, atRiskMs) => {
    const { item, message } = takenByThatRelease(changes, atRiskMs);
    const world = await openLiveEventsWorld(NOON_MS);
    const lines: Parameters<typeof openWorkshop>[1] = [];
    try {
      openWorkshop(world, lines);
      await world.clients.dynamodb.send(new PutItemCommand({ TableName: 'rosters', Item: item }));
      world.queue('live-events').send(JSON.stringify(message));
      // Other content under the same revision was never accepted.
      world.queue('live-events').send(JSON.stringify({ ...message, leadTime: 'PT29M' }));
      await world.runUntil(NOON_MS + 60 * MINUTE_MS);
      expect(lines.map(({ atMs, text }) => `${minuteOf(atMs)} ${text}`)).toEqual(made(1, '0:08').slice(0, 2));
      expect(world.published.map(({ event }) => describeEvent(event).replace(/ \S+$/, ''))).toEqual([
        'failed r1',
        'completed r1 2 made, 0',
      ]);
    } finally {
      await world.close();
    }
  });
});

describe('a live event of release 0.1.0 continues, and recognises its revision when it is sent again', () => {
  test.each([
    [
      'pending',
      scheduled(1, { correlationId: 'c-1', tenant: 'sports', leadTime: 'PT40M', atRiskTime: 'PT12M' }),
      made(1, 80),
    ],
    ['pending, moved', scheduled(2, { at: 300 }), made(2, 270)],
    ['opened, nothing sent', scheduled(1), made(1, '90:30')],
    ['opened, waiting for its rooms', scheduled(1), made(1, 92)],
    ['opened and checked', scheduled(1), made(1, 112)],
    ['opened and warned', scheduled(1, { startsAt: '2026-12-18T12:00:02Z' }), made(1, '0:12')],
    ['completed', scheduled(1), []],
    ['completed, and moved after that', scheduled(2, { at: 300 }), made(2, 270)],
    ['completed without rooms', scheduled(1), ['110 at-risk r1 check: a failed, b failed']],
    ['cancelled', cancelled(2), ['101 cancelled r2 a, b']],
    ['cancelled before it was known', scheduled(1), []],
  ])('%s', async (name, again, expected) => {
    expect(await continueEvent(name, again)).toEqual(expected);
  });

  test('and refuses other content under its revision', async () => {
    expect(await continueEvent('pending, moved', scheduled(2, { at: 301 }))).toEqual([
      '11 failed r2 revision',
      // The schedule that release 0.1.0 made fires as late as it may; later releases set theirs a minute early.
      ...made(2, '270:30'),
    ]);
  });
});
