import { GetScheduleCommand } from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { REARM_EVERY_MS } from '../../../lib/live-events/lost-reminders.ts';
import { openScene, type Scene } from '../scene.ts';
import { cancelled, describe as describeEvent, minuteOf, scheduled, tell, timeText } from '../story.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.world.close());

const event = (liveEventId: string, at: number, revision = 1) => scheduled(revision, { liveEventId, at });
const published = () =>
  scene.world.published.map(({ event: each, atMs }) => {
    const { data } = each;
    const id = data.kind === 'live-event' ? data.liveEvent.liveEventId : undefined;
    return `${minuteOf(atMs)} ${id} ${describeEvent(each)}`;
  });
const roomsAsked = () => scene.lines.map(({ atMs, text }) => `${minuteOf(atMs)} ${text}`);
const rearmAt = async (minute: number) => {
  await scene.runUntil(minute);
  const summary = await scene.world.rearm();
  await scene.runUntil(minute);
  return summary;
};

/** When the schedule of an opening fires. */
async function openingOf(names: string[]): Promise<string | undefined> {
  const Name = names.find((name) => name.endsWith('-open'));
  return (await scene.world.clients.scheduler.send(new GetScheduleCommand({ Name }))).ScheduleExpression;
}

describe('reminders whose schedules were deleted', () => {
  test('are set again or sent: rooms are requested in time, warnings are published, and nothing is duplicated', async () => {
    scene.workshop.setMode('stuck');
    await scene.send(0, event('opening', 120), event('check', 60), event('overdue', 62));
    await scene.runUntil(31);
    await scene.removeSchedules('');
    expect(await scene.world.scheduleNames()).toEqual([]);
    // The opening of `overdue` passes at minute 32.
    expect(await rearmAt(35)).toEqual({ overdue: 1, examined: 4, rearmed: 4, left: 0 });
    expect(await scene.world.scheduleNames()).toHaveLength(4);
    for (const minute of [40, 45]) expect(await rearmAt(minute)).toMatchObject({ overdue: 0, rearmed: 0 });
    await scene.runUntil(55);
    scene.workshop.setMode('made');
    await scene.runUntil(180);
    const [warnings, completions] = [published().slice(0, 2), published().slice(2)];
    expect(warnings).toEqual([
      '50 check at-risk r1 check: a open, b open',
      '52 overdue at-risk r1 check: a open, b open',
    ]);
    expect(completions).toEqual(
      ['check', 'overdue', 'opening'].map((id) => expect.stringMatching(` ${id} completed r1 2 made, 0 failed$`)),
    );
    expect(roomsAsked().filter((line) => line.startsWith('90 '))).toEqual(['90 room a of r1', '90 room b of r1']);
    expect(scene.lines).toHaveLength(6);
    expect(scene.world.overdueReminders).toEqual([1, 0, 0]);
    expect([scene.world.errors, await scene.world.scheduleNames()]).toEqual([[], []]);
  });

  test('the control: without a run, the events get no rooms and no warnings', async () => {
    await scene.send(0, event('final', 60));
    await scene.removeSchedules('');
    await scene.runUntil(180);
    expect([scene.lines, published()]).toEqual([[], []]);
  });

  test('are sent when the opening and the check are overdue: the rooms are requested, and the event is checked', async () => {
    scene.workshop.setMode('stuck');
    await scene.send(0, event('final', 60));
    await scene.removeSchedules('');
    expect(await rearmAt(53)).toMatchObject({ overdue: 1 });
    await scene.runUntil(58);
    expect(published()).toEqual(['53:10 final at-risk r1 check: a open, b open']);
    expect(await scene.item('final')).toMatchObject({ live_state: 'opened', checked_revision: 1 });
  });

  test('are sent for a check that nothing else has noticed', async () => {
    scene.workshop.setMode('stuck');
    await scene.send(0, event('final', 60));
    await scene.runUntil(31);
    await scene.removeSchedules('');
    expect(await rearmAt(53)).toMatchObject({ overdue: 1, rearmed: 0 });
    expect(published()).toEqual(['53 final at-risk r1 check: a open, b open']);
    expect(await rearmAt(58)).toMatchObject({ overdue: 0 });
  });

  test('are sent until an hour after the start, because rooms are wanted until then', async () => {
    await scene.send(0, event('final', 60));
    await scene.removeSchedules('');
    scene.world.setOutage(({ service, action }) => service === 'sqs' && action === 'SendMessageBatch');
    expect(await rearmAt(100)).toBeUndefined();
    scene.world.setOutage(() => false);
    expect(await rearmAt(119)).toMatchObject({ overdue: 1 });
    expect(roomsAsked()).toEqual(['119 room a of r1', '119 room b of r1']);
  });

  test('are not sent for an event whose rooms are no longer wanted', async () => {
    await scene.send(0, event('final', 60));
    await scene.removeSchedules('');
    expect(await rearmAt(121)).toEqual({ overdue: 0, examined: 0, rearmed: 0, left: 0 });
  });
});

describe('a run does no harm', () => {
  test.each<[string, Parameters<typeof tell>[0]]>([
    ['to an event', [{ minute: 0, send: scheduled(1) }]],
    [
      'to one at risk',
      [
        { minute: 0, send: scheduled(1) },
        { minute: 1, rooms: 'stuck' },
      ],
    ],
    [
      'to one that is moved twice',
      [
        { minute: 0, send: scheduled(1) },
        { minute: 4.9, send: scheduled(2, { at: 40 }) },
        { minute: 14.9, send: scheduled(3, { at: 300 }) },
      ],
    ],
    [
      'to one that is cancelled',
      [
        { minute: 0, send: scheduled(1) },
        { minute: 89.5, send: cancelled(2) },
      ],
    ],
    ['to one that starts soon', [{ minute: 4, send: scheduled(1, { at: 7 }) }]],
    [
      'after an outage',
      [
        { minute: 0, send: scheduled(1) },
        { minute: 80, down: true },
        { minute: 100, down: false },
      ],
    ],
  ])('%s', async (_which, steps) => {
    const alone = await tell(steps, { untilMinute: 400 });
    const restored = await tell(steps, { untilMinute: 400, rearmEveryMs: REARM_EVERY_MS });
    expect(alone.lines.length).toBeGreaterThan(0);
    expect({ ...restored, rearmings: [] }).toEqual(alone);
    expect(restored.rearmings.length).toBeGreaterThan(70);
    expect(restored.rearmings.filter(({ rearmed }) => rearmed > 0)).toEqual([]);
  });

  test('to events that wait for their turn: none of them counts as overdue', async () => {
    const rooms = Array.from({ length: 1_000 }, (_, index) => ({ key: `room-${index}`, room: {} }));
    await scene.send(0, { ...event('crowd', 40), rooms }, { ...event('others', 40.5), rooms }, event('waiting', 41));
    for (const minute of [12, 13, 14]) {
      expect(await rearmAt(minute)).toMatchObject({ overdue: 0 });
      expect(await scene.item('waiting')).toMatchObject({ live_state: 'pending' });
    }
  });

  test('to events that another run examines at the same time', async () => {
    await scene.send(0, event('final', 120), event('other', 60));
    await scene.removeSchedules('');
    await scene.runUntil(33);
    const summaries = await Promise.all([scene.world.rearm(), scene.world.rearm()]);
    expect(summaries.map((summary) => summary?.rearmed).reduce((sum = 0, rearmed = 0) => sum + rearmed, 0)).toBe(3);
    await scene.runUntil(180);
    expect(scene.lines).toHaveLength(4);
    expect(published()).toEqual(['33 other completed r1 2 made, 0 failed', '90 final completed r1 2 made, 0 failed']);
  });

  test('to an event that is cancelled meanwhile: it has no schedule afterwards', async () => {
    await scene.send(0, scheduled(1));
    scene.meanwhile('QueryCommand', /"opened"/, () => scene.send(5, cancelled(2)));
    expect(await rearmAt(5)).toMatchObject({ examined: 2, rearmed: 2 });
    expect(await scene.world.scheduleNames()).toEqual([]);
  });

  test('to an event that is moved meanwhile: its schedules are those of the new revision', async () => {
    await scene.send(0, scheduled(1));
    scene.meanwhile('QueryCommand', /"opened"/, () => scene.send(5, scheduled(2, { at: 300 })));
    expect(await rearmAt(5)).toMatchObject({ rearmed: 0 });
    await scene.runUntil(400);
    expect(roomsAsked()).toEqual(['270 room a of r2', '270 room b of r2']);
  });

  test('to an event that is moved and loses its schedules meanwhile: those of the new revision are set', async () => {
    await scene.send(0, scheduled(1));
    await scene.removeSchedules('');
    scene.meanwhile('QueryCommand', /"opened"/, async () => {
      await scene.send(5, scheduled(2, { at: 300 }));
      await scene.removeSchedules('');
    });
    expect(await rearmAt(5)).toMatchObject({ rearmed: 2 });
    // A minute before the opening, because schedules may be a minute late.
    expect(await openingOf(await scene.world.scheduleNames())).toBe(`at(${timeText(269).slice(0, 19)})`);
  });
});
