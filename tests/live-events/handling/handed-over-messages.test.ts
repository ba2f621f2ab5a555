import { GetScheduleCommand } from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openScene, type Scene } from '../scene.ts';
import { describe as describeEvent, MINUTE_MS, NOON_MS, scheduled } from '../story.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene({ environment: { GREENROOM_CREATE_ROOM_TPS: '0.02' } });
});
afterEach(() => scene.world.close());

const roomsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `room-${index}`, room: {} }));
const lastOutcome = () => scene.outcomes().at(-1);
const said = () => scene.world.published.map(({ event }) => describeEvent(event));

describe('a message that waits for its turn', () => {
  /** Two events. The second waits for the quota that the first takes, fifty seconds for each room of the first. */
  async function waitForTurn(changes: object = {}, rooms = 12): Promise<void> {
    await scene.send(0, scheduled(1, { at: 29, liveEventId: 'crowd', rooms: roomsOf(rooms) }));
    await scene.send(0.5, scheduled(1, { at: 30, ...changes }));
    await scene.runUntil(1);
  }

  /** Sets the receive count that the message has when it is received next. */
  async function receiveNext(receives: number): Promise<void> {
    const own = scene.world
      .queue('live-events')
      .messages()
      .find(({ body }) => body.includes('final'));
    if (!own) throw new Error('No message waits');
    own.receiveCount = receives - 1;
    await scene.world.runUntil(own.visibleAtMs);
  }
  const untilMs = () => {
    const outcome = lastOutcome();
    return typeof outcome === 'object' && outcome !== null && 'untilMs' in outcome ? Number(outcome.untilMs) : 0;
  };
  const scheduleFor = async () => {
    const Name = (await scene.world.scheduleNames()).find((name) => name.endsWith('-open'));
    return Name && (await scene.world.clients.scheduler.send(new GetScheduleCommand({ Name })));
  };
  const at = (ms: number) => `at(${new Date(Math.ceil(ms / 1000) * 1000).toISOString().slice(0, 19)})`;

  test('waits in its queue for its first 99 receives', async () => {
    await waitForTurn();
    await receiveNext(99);
    expect(lastOutcome()).toMatchObject({ kind: 'postponed', reason: 'not-its-turn' });
    expect(await scheduleFor()).toBeUndefined();
  });

  test('is replaced by a schedule at the hundredth receive, which fires a minute early', async () => {
    await waitForTurn();
    await receiveNext(100);
    expect(lastOutcome()).toMatchObject({ kind: 'handed-over' });
    expect(await scheduleFor()).toMatchObject({ ScheduleExpression: at(untilMs() - MINUTE_MS) });
    const { Target } = (await scheduleFor()) || {};
    expect(JSON.parse(Target?.Input ?? '')).toMatchObject({ moments: { startsAtMs: NOON_MS + 30 * MINUTE_MS } });
    expect(JSON.parse(JSON.parse(Target?.Input ?? '').Message)).toMatchObject({ liveEventId: 'final', revision: 1 });
    await scene.runUntil(30);
    expect(said()).toContain('completed r1 2 made, 0 failed');
  });

  test('waits in its queue for a turn that is too near for a schedule, up to its 199th receive', async () => {
    await waitForTurn();
    await scene.runUntil(9);
    await receiveNext(199);
    expect(lastOutcome()).toMatchObject({ kind: 'postponed', reason: 'not-its-turn' });
    await receiveNext(200);
    expect(lastOutcome()).toMatchObject({ kind: 'handed-over' });
    expect(await scheduleFor()).toMatchObject({ ScheduleExpression: at(untilMs()) });
  });

  test('waits in its queue if its check is too near for a schedule', async () => {
    // Its turn comes after twenty minutes. It is received at 2:00 (its opening) and at 11:03, and its check is at 12:00.
    await waitForTurn({ at: 32, atRiskTime: 'PT20M' }, 24);
    await scene.runUntil(2);
    await receiveNext(100);
    expect(lastOutcome()).toMatchObject({ kind: 'postponed', reason: 'not-its-turn' });
    await scene.runUntil(12);
    expect(said()).toContain('at-risk r1 check: a open, b open');
  });

  test('has a backup schedule after its check, in case the message is lost', async () => {
    await waitForTurn({ at: 32, atRiskTime: 'PT20M' }, 24);
    await scene.runUntil(12);
    const queue = scene.world.queue('live-events');
    queue.remove(new Set(queue.messages().map(({ id }) => id)));
    await scene.runUntil(22);
    expect(said()).toContain('completed r1 2 made, 0 failed');
  });
});
