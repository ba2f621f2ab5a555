import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { liveEventKey } from '../../../lib/live-events/live-event-item.ts';
import { openScene, type Scene } from '../scene.ts';
import { cancelled, describe as describeEvent, MINUTE_MS, NOON_MS, scheduled } from '../story.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.world.close());

const due = (revision: number, occasion: 'open' | 'check', changes: object = {}) => ({
  type: 'Live Event Due',
  liveEventId: 'final',
  revision,
  occasion,
  ...changes,
});
const lastOutcome = () => scene.outcomes().at(-1);
const said = () => scene.world.published.map(({ event }) => describeEvent(event));

describe('the outcome of a message is logged with its event, its revision and its receive count, for', () => {
  const line = { messageId: expect.any(String), receiveCount: 1, liveEventId: 'final' };

  test.each<[string, (object | string)[], object]>([
    ['a revision', [scheduled(1)], { ...line, revision: 1, kind: 'scheduled' }],
    ['a revision that is sent again', [scheduled(1), scheduled(1)], { ...line, revision: 1, kind: 'scheduled' }],
    ['an older revision', [scheduled(2), scheduled(1)], { ...line, revision: 1, kind: 'ignored', reason: 'older' }],
    [
      'an older revision that would start in the past',
      [scheduled(2), scheduled(1, { at: -1 })],
      { ...line, revision: 1, kind: 'ignored', reason: 'older' },
    ],
    [
      'a revision with other content',
      [scheduled(1), scheduled(1, { at: 99 })],
      { ...line, revision: 1, kind: 'refused', problems: 1 },
    ],
    [
      'a revision that starts in the past',
      [scheduled(1, { at: 0 })],
      { ...line, revision: 1, kind: 'refused', problems: 1 },
    ],
    [
      'a newer revision that starts in the past',
      [scheduled(1), scheduled(2, { at: 0 })],
      { ...line, revision: 2, kind: 'refused', problems: 1 },
    ],
    [
      'a revision with problems',
      [{ ...scheduled(1), rooms: [], leadTime: 'soon' }],
      { ...line, revision: 1, kind: 'refused', problems: 2 },
    ],
    ['a revision without a number', [{ ...scheduled(1), revision: 'one' }], { ...line, kind: 'refused', problems: 1 }],
    ['a cancellation', [cancelled(2)], { ...line, revision: 2, kind: 'cancelled' }],
    [
      'a revision older than the cancellation',
      [cancelled(2), scheduled(1)],
      { ...line, revision: 1, kind: 'ignored', reason: 'cancelled' },
    ],
    [
      'the revision with the number of the cancellation',
      [cancelled(2), scheduled(2)],
      { ...line, revision: 2, kind: 'ignored', reason: 'cancelled' },
    ],
    [
      'a revision older than the cancellation that would start in the past',
      [cancelled(2), scheduled(1, { at: 0 })],
      { ...line, revision: 1, kind: 'ignored', reason: 'cancelled' },
    ],
    [
      'a revision after the cancellation',
      [cancelled(2), scheduled(3)],
      { ...line, revision: 3, kind: 'refused', problems: 1 },
    ],
    [
      'a message that is not a live event',
      ['hello'],
      { messageId: line.messageId, receiveCount: 1, kind: 'parked', reason: 'unparseable' },
    ],
    [
      'a reminder of an unknown event',
      [due(1, 'open')],
      { ...line, revision: 1, kind: 'ignored', reason: 'unknown-event' },
    ],
    [
      'a reminder of a cancelled event',
      [cancelled(2), due(1, 'open')],
      { ...line, revision: 1, kind: 'ignored', reason: 'cancelled' },
    ],
    [
      'a reminder that arrives long before it is due',
      [scheduled(1), due(1, 'open')],
      { ...line, revision: 1, kind: 'scheduled' },
    ],
    ['a reminder of an earlier revision', [scheduled(2), due(1, 'check')], { ...line, revision: 1, kind: 'scheduled' }],
  ])('%s', async (_what, messages, expected) => {
    for (const message of messages) await scene.send(0, message);
    expect(lastOutcome()).toEqual(expected);
    expect(scene.world.errors).toEqual([]);
    expect(scene.world.queue('live-events').messages()).toEqual([]);
  });

  test('a message that is not a live event is parked unchanged', async () => {
    await scene.send(0, 'hello');
    const [parked] = scene.world.queue('parked').messages();
    expect(parked?.body).toBe('hello');
    expect(JSON.parse(parked?.attributes['greenroom-parked'] ?? '')).toMatchObject({
      reason: 'unparseable',
      detail: 'has no readable id',
    });
  });

  test('a dead letter is announced with the reason, and parked', async () => {
    const deadLetters = scene.world.queue('live-events-dead-letters');
    deadLetters.send(JSON.stringify(scheduled(1)));
    await scene.world.deliver('live-events-dead-letters', deadLetters.receive(1));
    expect(lastOutcome()).toEqual({ ...line, revision: 1, kind: 'parked', reason: 'dead-lettered' });
    expect(scene.announced('failed')).toMatchObject([
      {
        data: { problems: [{ path: '', message: 'crashed its function every time it was received, and was parked' }] },
      },
    ]);
    const [parked] = scene.world.queue('parked').messages();
    expect(JSON.parse(parked?.attributes['greenroom-parked'] ?? '')).toMatchObject({
      reason: 'dead-lettered',
      detail: 'crashed its function',
    });
  });
});

test('an event that is due on arrival waits ten seconds for other events of its import', async () => {
  await scene.send(0, scheduled(1, { at: 20 }));
  const expected = { kind: 'postponed', reason: 'others-of-its-import', untilMs: NOON_MS + 10_000 };
  expect(lastOutcome()).toMatchObject(expected);
});

describe('the reminder of an opening', () => {
  test('waits in the queue if the opening is near, and opens the event on time', async () => {
    await scene.send(0, scheduled(1));
    await scene.send(89.5, due(1, 'open'));
    expect(lastOutcome()).toMatchObject({
      kind: 'postponed',
      reason: 'due-soon',
      untilMs: NOON_MS + 90 * MINUTE_MS,
    });
    await scene.runUntil(91);
    expect(await scene.item()).toMatchObject({ live_state: 'opened', opened_at: NOON_MS + 90 * MINUTE_MS });
  });

  test('is not needed for a near opening, because an older revision that is sent again waits for it too', async () => {
    await scene.send(0, scheduled(2, { at: 31 }));
    await scene.send(0, scheduled(1));
    const opensAtMs = NOON_MS + MINUTE_MS;
    expect(lastOutcome()).toMatchObject({ revision: 1, kind: 'postponed', reason: 'due-soon', untilMs: opensAtMs });
  });

  test('of an earlier revision opens the event if the event is due', async () => {
    await scene.send(0, scheduled(1));
    scene.world.setDown(true);
    await scene.send(95, due(0, 'open'));
    expect(await scene.item()).toMatchObject({ live_state: 'pending' });
    scene.world.setDown(false);
    await scene.runUntil(95);
    expect(await scene.item()).toMatchObject({ live_state: 'opened' });
  });
});

test('the reminder of an earlier revision sets the schedules of the newest one', async () => {
  await scene.send(0, scheduled(2));
  await scene.runUntil(91);
  await scene.removeSchedules('-check');
  await scene.send(92, due(1, 'open'));
  expect(await scene.world.scheduleNames()).toEqual([expect.stringMatching(/-check$/)]);
});

describe('the reminder of a check', () => {
  test('announces how many rooms are missing', async () => {
    scene.workshop.setMode('stuck');
    await scene.send(0, scheduled(1));
    await scene.runUntil(111);
    expect(lastOutcome()).toMatchObject({ kind: 'checked', missing: 2 });
    expect(said()).toEqual(['at-risk r1 check: a open, b open']);
  });

  test('records that no rooms are missing', async () => {
    await scene.send(0, scheduled(1));
    await scene.runUntil(111);
    expect(lastOutcome()).toMatchObject({ kind: 'checked', missing: 0 });
    expect(await scene.item()).toMatchObject({ checked_revision: 1 });
  });

  test('checks once, and does nothing when it arrives again', async () => {
    scene.workshop.setMode('stuck');
    await scene.send(0, scheduled(1));
    await scene.runUntil(111);
    await scene.send(112, due(1, 'check'));
    expect(lastOutcome()).toMatchObject({ kind: 'checked', missing: 0 });
    expect(said()).toHaveLength(1);
  });
});

test('the reminder of a check that is done does not wait for rooms that were requested just now', async () => {
  await scene.send(0, scheduled(1, { startsAt: new Date(NOON_MS + 10_000).toISOString() }));
  await scene.runUntil(0.09);
  expect(await scene.item()).toMatchObject({ opened_at: NOON_MS, checked_revision: 1 });
  await scene.send(0.1, due(1, 'check'));
  expect(lastOutcome()).toMatchObject({ kind: 'checked', missing: 0 });
});

describe('if both reminders are late, in one batch or in any order,', () => {
  test('the check gives the rooms ten seconds if the event is opened only now', async () => {
    await scene.send(0, scheduled(1));
    scene.world.setDown(true);
    await scene.runUntil(115);
    scene.world.setDown(false);
    await scene.runUntil(116);
    const checks = scene.outcomes().filter((each) => JSON.stringify(each).includes('just-due'));
    expect(checks).toMatchObject([{ untilMs: NOON_MS + 115 * MINUTE_MS + 10_000 }]);
    expect(said()).toEqual(['completed r1 2 made, 0 failed']);
    expect(await scene.item()).toMatchObject({ checked_revision: 1 });
  });

  test('the check gives them ten seconds only once, because the warning must not wait for rooms that cannot be requested', async () => {
    await scene.send(0, scheduled(1));
    scene.world.setDown(true);
    await scene.runUntil(115);
    scene.world.setOutage(({ service, body }) => service === 'dynamodb' && body.includes('"TableName":"pace"'));
    scene.world.setDown(false);
    await scene.runUntil(115.5);
    expect(said()).toEqual(['at-risk r1 check: a open, b open']);
  });
});

test('a reminder of an event that was deleted meanwhile is done', async () => {
  await scene.send(0, scheduled(1));
  const removal = new DeleteItemCommand({ TableName: 'rosters', Key: liveEventKey('final') });
  await scene.world.clients.dynamodb.send(removal);
  await scene.runUntil(121);
  expect(scene.outcomes().slice(1)).toMatchObject(Array(2).fill({ kind: 'ignored', reason: 'unknown-event' }));
  expect(scene.world.queue('live-events').messages()).toEqual([]);
});
