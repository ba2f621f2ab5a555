import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startConsole } from '../../../console/server/console-server.ts';
import { createPublishedEvents } from '../../../console/server/published-events.ts';
import { createSentEventChanges } from '../../../console/server/sent-event-changes.ts';
import { connectStage } from '../../../console/server/stage-connection.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { type ConsoleStack, startConsoleStack } from '../console-stack.ts';
import { clientOf } from '../programme.ts';

describe('a second console', () => {
  let started: ConsoleStack;

  beforeAll(async () => {
    started = await startConsoleStack();
  });

  afterAll(() => started.close());

  test('a console whose port is in use does not look for the stage, so it leaves no temporary queue', async () => {
    let searches = 0;
    const settings = {
      findDeployment: async () => {
        searches += 1;
        return started.deployment;
      },
      port: Number(new URL(started.origin).port),
      clock: systemClock,
      followsAtOnce: true,
    };
    await expect(startConsole(settings)).rejects.toThrow('cannot be used: choose another one with --port');
    expect(searches).toBe(0);
  });

  /** Starts a console that receives one event, for a tab that has the events up to a number. */
  async function receiveOne(key: string, after: number): Promise<number> {
    const ended = new AbortController();
    const stage = connectStage(async () => started.deployment);
    const published = createPublishedEvents({ stage, clock: systemClock, signal: ended.signal });
    published.follow();
    await until(async () => published.after(after).sinceMs);
    await clientOf(started).requestRoom({ idempotencyKey: key, room: {} });
    const events = await until(async () => {
      const answer = published.after(after);
      return answer.events.length > 0 ? answer : undefined;
    });
    expect(events).toMatchObject({ events: [{ event: { subject: key } }], forgotten: 0 });
    ended.abort();
    await published.ended();
    return must(events.events[0]).number;
  }

  test('a tab of an earlier console receives the events of a later one', async () => {
    const first = await receiveOne('first', 0);
    const second = await receiveOne('second', first);
    expect(second).toBeGreaterThan(first);
    // The clock of the computer may have been set back since the tab received its last event.
    await receiveOne('third', second + 3_600_000);
  });

  test('the number of a message from an earlier console is not assigned to another message', async () => {
    const stage = connectStage(async () => started.deployment);
    const message = { kind: 'cancelled', liveEventId: 'final', revision: 2 } as const;
    const sent = { message, refusedBefore: undefined, sentAtMs: 0 };
    const [early, late] = [1_000, 2_000].map((nowMs) => createSentEventChanges(stage, { nowMs: () => nowMs }));
    const number = must(early).note(sent);
    must(late).note(sent);
    await expect(must(late).outcome(number)).rejects.toThrow('no longer knows this message');
  });
});
