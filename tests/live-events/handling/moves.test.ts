import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { moveLiveEvent, type NewTimes } from '../../../client/operate/move-live-event.ts';
import { parseLiveEventMessage } from '../../../lib/contract/live-event-message.ts';
import { must } from '../../support/must.ts';
import { openScene, type Scene } from '../scene.ts';
import { MINUTE_MS, NOON_MS, scheduled, timeText } from '../story.ts';

const DEFAULTS = { leadMs: 30 * MINUTE_MS, atRiskMs: 10 * MINUTE_MS, region: 'eu-west-1', releases: true } as const;
const at = (minute: number) => NOON_MS + minute * MINUTE_MS;

/** The content that a message has by itself, before it is accepted. */
function planOf(message: object) {
  const read = parseLiveEventMessage(JSON.stringify(message), { ...DEFAULTS, nowMs: NOON_MS });
  if (read.kind !== 'scheduled') throw new Error(`The message is ${JSON.stringify(read)}`);
  const { hash: _, event, ...times } = read.plan;
  const { revision, rooms, tenant, metadata, correlationId } = event;
  return { revision, rooms, tenant, metadata, correlationId, ...times };
}

describe('moving a live event', () => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await openScene({ environment: { GREENROOM_RELEASES: 'true' } });
  });
  afterEach(() => scene.world.close());

  /** Sends an event at a minute, and builds its move. */
  async function move(sentAt: number, message: object, times: NewTimes) {
    await scene.send(sentAt, message);
    const item = must(await scene.item());
    if (item.live_state === 'cancelled') throw new Error('The event is cancelled');
    const { event, keepsCheck } = moveLiveEvent(item, times, 'eu-west-1');
    return { moved: planOf(event), event, keepsCheck };
  }

  test.each<[string, number, Record<string, unknown>]>([
    ['the default times', 0, {}],
    ['a lead time', 0, { leadTime: 'P1DT2H' }],
    ['a time of the check', 0, { leadTime: 'PT1H', atRiskTime: 'PT25M' }],
    ['a lead time of an odd number of seconds, so that the check is on half a second', 0, { leadTime: 'PT61S' }],
    ['an end', 0, { endsAt: timeText(200) }],
    ['an end and a release', 0, { endsAt: timeText(200), releaseAfter: 'P1DT1S' }],
    ['a release without an end', 0, { releaseAfter: 'PT3H' }],
    ['a release that greenroom moves to a minute after the start', 0, { releaseAfter: 'PT1S' }],
    [
      'an end half a second after the start, which moves the release, too',
      0,
      { startsAt: '2026-12-18T14:00:00.250Z', endsAt: '2026-12-18T14:00:00.750Z' },
    ],
    ['a local time', 0, { startsAt: '2026-12-18T15:00:00', timezone: 'Europe/Berlin' }],
    ['an opening in the past, which moves the stored check', 100, {}],
    ['an opening in the past, and a time of the check that has not passed', 100, { atRiskTime: 'PT5M' }],
    [
      'everything else',
      0,
      {
        tenant: 'broadcaster',
        correlationId: 'c-1',
        metadata: { show: 'final', takes: 3 },
        rooms: [
          { key: 'x y', room: { name: 'hall', maximumMessageLength: 200, tags: { a: 'b' } }, region: 'us-east-1' },
          { key: 'z', room: {} },
        ],
      },
    ],
  ])('to its own time keeps %s', async (_name, sentAt, changes) => {
    const message = scheduled(4, changes);
    const before = planOf(message);
    const { moved, keepsCheck } = await move(sentAt, message, before);
    expect(moved).toEqual({ ...before, revision: 5 });
    expect(keepsCheck).toBe(true);
  });

  test('to another time moves everything but the rooms by the same distance', async () => {
    const message = scheduled(1, {
      endsAt: timeText(200),
      releaseAfter: 'PT1H',
      leadTime: 'PT45M',
      atRiskTime: 'PT7M',
    });
    const { moved } = await move(0, message, { startsAtMs: at(500), endsAtMs: at(580) });
    expect(moved).toMatchObject({
      ...{ startsAtMs: at(500), endsAtMs: at(580), releaseAtMs: at(640), opensAtMs: at(455), checkAtMs: at(493) },
      rooms: message.rooms,
    });
  });

  test('says if the distance of the check is not known, and then leaves it to the default', async () => {
    // Accepted at minute 119.5, so the stored check is later than both this distance and the default.
    const { event, keepsCheck } = await move(119.5, scheduled(1, { atRiskTime: 'PT12M' }), { startsAtMs: at(500) });
    expect(keepsCheck).toBe(false);
    expect(event).not.toHaveProperty('atRiskTime');
  });

  test('is accepted, and moves the release of the rooms', async () => {
    const message = scheduled(1, { at: 20, endsAt: timeText(60) });
    const { event } = await move(0, message, { startsAtMs: at(300), endsAtMs: at(360) });
    await scene.send(2, event);
    await scene.runUntil(3);
    expect(await scene.item()).toMatchObject({ revision: 2, starts_at: at(300), release_at: at(360) });
    expect(scene.lines.map(({ text }) => text)).toEqual([
      'room a of r1 until 60',
      'room b of r1 until 60',
      'release a at 360, decided 2',
      'release b at 360, decided 2',
    ]);
  });
});
