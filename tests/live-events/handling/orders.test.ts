import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openLiveEventsWorld } from '../../../bench/live-events/world.ts';
import { cancelled, describe as describeEvent, NOON_MS, openWorkshop, type Step, scheduled, tell } from '../story.ts';

const MINUTE_MS = 60_000;

/** Revisions with different times and rooms, so that the outcome shows which one is in effect. */
const revision = (number: number) =>
  scheduled(number, { at: 120 + 10 * number, rooms: [{ key: `r${number}`, room: {} }] });

describe('whatever the order and the number of its messages, an event ends the same:', () => {
  test('with its newest revision, or cancelled', async () => {
    const runs = { newest: 0, cancelled: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ revision: fc.integer({ min: 1, max: 4 }), minute: fc.integer({ min: 0, max: 30 }) }), {
          minLength: 1,
          maxLength: 7,
        }),
        // The event is cancelled in half of the runs.
        fc.option(fc.record({ revision: fc.integer({ min: 1, max: 5 }), minute: fc.integer({ min: 0, max: 30 }) }), {
          freq: 2,
        }),
        async (revisions, end) => {
          const sent = [
            ...revisions.map((each): Step => ({ minute: each.minute, send: revision(each.revision) })),
            ...(end ? [{ minute: end.minute, send: cancelled(end.revision) }] : []),
          ].sort((a, b) => a.minute - b.minute);
          const { lines, schedules, waiting, errors } = await tell(sent);
          const newest = Math.max(...revisions.map((each) => each.revision));
          const rooms = lines.filter((line) => line.includes(' room '));
          expect({ schedules, waiting, errors }).toEqual({ schedules: [], waiting: 0, errors: [] });
          expect(rooms).toEqual(end ? [] : [`${90 + 10 * newest} room r${newest} of r${newest}`]);
          expect(lines.some((line) => line.includes('cancelled'))).toBe(end !== null);
          runs[end ? 'cancelled' : 'newest'] += 1;
        },
      ),
      { numRuns: 40 },
    );
    expect(Math.min(runs.newest, runs.cancelled)).toBeGreaterThan(3);
  }, 120_000);
});

/** Handles two messages concurrently: the worker with the first is stopped at a call until the second message is done, and then continues. */
async function heldUpAt(atCall: number, first: object, second: object) {
  const world = await openLiveEventsWorld(NOON_MS);
  try {
    openWorkshop(world, []);
    world.queue('live-events').send(JSON.stringify(first));
    const held = world.queue('live-events').receive(1);
    const letGo = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<boolean>();
    world.interruptions.setHold({ atCall, until: letGo.promise, reached: () => reached.resolve(true) });
    const slow = world.deliver('live-events', held);
    const wasHeld = await Promise.race([reached.promise, slow.then(() => false)]);
    world.queue('live-events').send(JSON.stringify(second));
    await world.deliver('live-events', world.queue('live-events').receive(1));
    letGo.resolve();
    await slow;
    const schedulesThen = (await world.scheduleNames()).length;
    await world.runUntil(NOON_MS + 24 * 60 * MINUTE_MS);
    const said = new Set(world.published.map(({ event }) => describeEvent(event)));
    return { wasHeld, said: [...said], schedulesThen, schedules: await world.scheduleNames(), errors: world.errors };
  } finally {
    await world.close();
  }
}

describe('a worker that is stopped at any call does not undo what another worker has done meanwhile, if it handles', () => {
  test.each<[string, object, object, string[]]>([
    ['an older revision', scheduled(1), scheduled(2, { at: 240 }), ['completed r2 2 made, 0 failed']],
    ['an older revision, of a later start', scheduled(1, { at: 240 }), scheduled(2), ['completed r2 2 made, 0 failed']],
    ['a revision of an event that is cancelled', scheduled(1), cancelled(2), ['cancelled r2']],
    ['a cancellation of an event that is scheduled again', cancelled(2), scheduled(1), ['cancelled r2']],
    ['the same revision', scheduled(1), scheduled(1), ['completed r1 2 made, 0 failed']],
  ])(
    '%s',
    async (_case, first, second, expected) => {
      let holds = 0;
      for (let atCall = 1; atCall < 30; atCall++) {
        const { wasHeld, said, schedulesThen, schedules, errors } = await heldUpAt(atCall, first, second);
        if (!wasHeld) break;
        holds += 1;
        expect([atCall, said, schedules, errors]).toEqual([atCall, expected, [], []]);
        expect([atCall, schedulesThen]).toEqual([atCall, expected.includes('cancelled r2') ? 0 : 2]);
      }
      expect(holds).toBeGreaterThanOrEqual(4);
    },
    60_000,
  );
});

test('a message that crashed the function every time is announced and parked, and has no other effect', async () => {
  const world = await openLiveEventsWorld(NOON_MS);
  try {
    for (const body of [JSON.stringify(scheduled(1)), 'nonsense']) world.queue('live-events-dead-letters').send(body);
    await world.deliver('live-events-dead-letters', world.queue('live-events-dead-letters').receive(10));
    expect(world.published.map(({ event }) => describeEvent(event))).toEqual(['failed r1 ', 'failed ']);
    const parked = world.queue('parked').messages();
    expect(parked.map(({ body }) => body)).toEqual([JSON.stringify(scheduled(1)), 'nonsense']);
    for (const { attributes } of parked)
      expect(JSON.parse(attributes['greenroom-parked'] ?? '')).toMatchObject({ reason: 'dead-lettered' });
    expect(world.queue('live-events-dead-letters').messages()).toEqual([]);
    expect(await world.scheduleNames()).toEqual([]);
  } finally {
    await world.close();
  }
});
