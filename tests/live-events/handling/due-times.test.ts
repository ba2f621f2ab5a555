import { afterEach, describe, expect, test } from '@jest/globals';
import { type LiveEventsWorld, type Outage, openLiveEventsWorld } from '../../../bench/live-events/world.ts';
import { describe as describeEvent, MINUTE_MS, minuteOf, NOON_MS, scheduled } from '../story.ts';

let world: LiveEventsWorld;
afterEach(() => world.close());

const roomsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `room-${index}`, room: {} }));
const event = (liveEventId: string, at: number, rooms: number, changes: object = {}) =>
  scheduled(1, { at, liveEventId, rooms: roomsOf(rooms), ...changes });
const runUntil = (minute: number) => world.runUntil(NOON_MS + minute * MINUTE_MS);

async function sendAt(minute: number, message: object): Promise<void> {
  await runUntil(minute);
  world.queue('live-events').send(JSON.stringify(message));
}

/** The minute in which the rooms of an event were requested. */
function requestedAt(id: string): number | undefined {
  const request = world
    .queue('interactive')
    .messages()
    .find(({ body }) => body.includes(`"live/${id}/`));
  return request && (request.sentAtMs - NOON_MS) / MINUTE_MS;
}

/** The announcements of an event: the minute, the type and the reason. */
const told = (id: string) =>
  world.published
    .filter(({ event: { data } }) => JSON.stringify(data).includes(`"${id}"`))
    .map(({ event: each, atMs }) => `${minuteOf(atMs)} ${describeEvent(each).split(':')[0]}`);

describe('whatever fails, an event is examined before its next due time passes:', () => {
  test('without EventBridge Scheduler, an event that waits for its turn is announced at its check, and requests its rooms in its turn', async () => {
    world = await openLiveEventsWorld(NOON_MS, { environment: { GREENROOM_CREATE_ROOM_TPS: '0.1' } });
    await sendAt(0, event('crowd', 119, 690, { leadTime: 'PT2H' }));
    await runUntil(0.4);
    world.setOutage(({ service }) => service === 'scheduler');
    await sendAt(0.5, event('late', 120, 1, { leadTime: 'PT2H' }));
    await runUntil(300);
    expect(told('late')[0]).toBe('110 at-risk r1 check');
    expect(requestedAt('late')).toBeCloseTo(115.66, 1);
  }, 60_000);

  test('without EventBridge Scheduler, even if a schedule should have replaced its message by then', async () => {
    world = await openLiveEventsWorld(NOON_MS, { environment: { GREENROOM_CREATE_ROOM_TPS: '0.1' } });
    await sendAt(0, event('crowd', 119, 690, { leadTime: 'PT2H' }));
    await runUntil(0.4);
    world.setOutage(({ service }) => service === 'scheduler');
    await sendAt(0.5, event('late', 120, 1, { leadTime: 'PT2H' }));
    await runUntil(10);
    for (const message of world.queue('live-events').messages())
      if (message.body.includes('"late"')) message.receiveCount = 100;
    await runUntil(300);
    expect(told('late')[0]).toMatch(/^110(:10)? at-risk r1 check$/);
    expect(requestedAt('late')).toBeLessThan(120);
  }, 60_000);

  test('the message that opens it returns no later than halfway to its check', async () => {
    const [fromMinute, backMinute, checkMinute] = [119, 205, 238];
    const pace: Outage = ({ service, body }) => service === 'dynamodb' && body.includes('"TableName":"pace"');
    world = await openLiveEventsWorld(NOON_MS);
    await sendAt(0, event('final', 240, 1000, { leadTime: 'PT2H', atRiskTime: 'PT2M' }));
    await runUntil(fromMinute);
    world.setOutage(pace);
    await runUntil(backMinute);
    world.setOutage(() => false);
    await runUntil(300);
    expect(requestedAt('final')).toBeLessThan(backMinute + (checkMinute - backMinute) / 2);
  }, 60_000);

  test('its reminders contain its start, so that they return in time if the item cannot be read around the check', async () => {
    world = await openLiveEventsWorld(NOON_MS);
    await sendAt(0, event('final', 120, 1, { leadTime: 'PT50M', atRiskTime: 'PT40M' }));
    await runUntil(69);
    world.setOutage(({ service }) => service === 'dynamodb');
    await runUntil(112);
    world.setOutage(() => false);
    await runUntil(300);
    expect(requestedAt('final')).toBeLessThan(120);
    expect(told('final')[0]).toMatch(/^11\d(:\d+)? at-risk r1 check$/);
  });
});

describe('an event whose turn comes soon after its hundredth receive requests its rooms in its turn', () => {
  const environment = { GREENROOM_CREATE_ROOM_TPS: '0.4' };
  const scheduler: Outage = ({ service }) => service === 'scheduler';

  test.each<[string, Outage, object]>([
    ['without a schedule, which would come too late', () => false, { atRiskTime: 'PT15M' }],
    ['although no schedule can be created', scheduler, { at: 64, leadTime: 'PT2H', atRiskTime: 'PT2M' }],
  ])(
    '%s',
    async (_why, fails, changes) => {
      world = await openLiveEventsWorld(NOON_MS, { environment, scheduleLateMs: () => 59_000 });
      await sendAt(0, event('crowd', 41, 990, { leadTime: 'PT1H' }));
      await sendAt(0.5, event('late', 44, 1, { leadTime: 'PT1H', ...changes }));
      let isHundredth = false;
      for (let minute = 41; minute < 41.5 && !isHundredth; minute += 0.02) {
        await runUntil(minute);
        const own = world
          .queue('live-events')
          .messages()
          .find(({ body }) => body.includes('"late"'));
        isHundredth = own !== undefined && own.visibleAtMs > NOON_MS + 41.2 * MINUTE_MS;
        if (own && isHundredth) own.receiveCount = 99;
      }
      expect(isHundredth).toBe(true);
      world.setOutage(fails);
      await runUntil(60);
      expect(requestedAt('late')).toBeLessThan(41.7);
    },
    60_000,
  );

  test('or minutes later if no schedule can replace its message', async () => {
    world = await openLiveEventsWorld(NOON_MS, { environment });
    await sendAt(0, event('crowd', 41, 990, { leadTime: 'PT1H' }));
    await sendAt(0.5, event('late', 100, 1, { leadTime: 'PT2H', atRiskTime: 'PT2M' }));
    await runUntil(32);
    for (const message of world.queue('live-events').messages())
      if (message.body.includes('"late"')) message.receiveCount = 99;
    world.setOutage(scheduler);
    await runUntil(60);
    expect(requestedAt('late')).toBeLessThan(43);
  }, 60_000);
});

describe('an event that waits for its turn is checked at its time', () => {
  /** A check one minute after one of the receives at 21:09, 31:24, 37:02 and so on. */
  const CHECK = { atRiskTime: 'PT27M35S' };
  const AT_CHECK = '32:25 at-risk r1 check';

  async function waitForTurn(atReceive: (visibleAt: string) => number | undefined, fails?: Outage): Promise<void> {
    world = await openLiveEventsWorld(NOON_MS, { environment: { GREENROOM_CREATE_ROOM_TPS: '0.4' } });
    await sendAt(0, event('crowd', 59, 990, { leadTime: 'PT1H' }));
    await sendAt(0.5, event('late', 60, 1, { leadTime: 'PT1H', ...CHECK }));
    for (let minute = 1; minute < 31.4; minute += 0.1) {
      await runUntil(minute);
      const own = world
        .queue('live-events')
        .messages()
        .find(({ body }) => body.includes('"late"'));
      const count = own && atReceive(minuteOf(own.visibleAtMs));
      if (own && count !== undefined) own.receiveCount = count;
    }
    if (fails) world.setOutage(fails);
    await runUntil(33);
    world.setOutage(() => false);
    await runUntil(70);
  }

  test('by its own message if the check is too near for a schedule', async () => {
    await waitForTurn(() => undefined);
    expect(told('late')[0]).toBe(AT_CHECK);
  }, 60_000);

  test('even if a schedule replaces its message before the check', async () => {
    await waitForTurn((visibleAt) => (visibleAt === '31:24' ? 99 : undefined));
    expect(told('late')[0]).toBe(AT_CHECK);
    expect(requestedAt('late')).toBeLessThan(42.45);
  }, 60_000);

  test('and again long before its start if the warning cannot be published then', async () => {
    await waitForTurn(
      (visibleAt) => (visibleAt === '31:24' ? 99 : undefined),
      ({ service }) => service === 'sns',
    );
    // No later than halfway to its start in minute 60.
    expect(told('late')[0]).toMatch(/^[34]\d:\d+ at-risk r1 check$/);
    expect(requestedAt('late')).toBeLessThan(46.3);
  }, 60_000);
});
