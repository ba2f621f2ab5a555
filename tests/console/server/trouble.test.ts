import { DeleteTopicCommand } from '@aws-sdk/client-sns';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLoadHistory } from '../../../console/server/load-history.ts';
import { createParkedDesk } from '../../../console/server/parked-desk.ts';
import { createKeptMessages } from '../../../console/server/parked-list.ts';
import { createPublishedEvents } from '../../../console/server/published-events.ts';
import { connectStage } from '../../../console/server/stage-connection.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { openParkedQueueUnderTest } from '../../cli/stack/parked-queue.ts';
import { must } from '../../support/must.ts';
import { type ConsoleStack, startConsoleStack } from '../console-stack.ts';

describe('a console in trouble', () => {
  let started: ConsoleStack;
  const stage = connectStage(async () => started.deployment);

  beforeAll(async () => {
    started = await startConsoleStack();
  });

  afterAll(() => started.close());

  test('the stage is read again after the clock was set back', async () => {
    let nowMs = 3_600_000;
    const history = createLoadHistory({ stage, clock: { ...systemClock, nowMs: () => nowMs } });
    expect((await history.read(0)).atMs).toBe(3_600_000);
    nowMs = 1_000;
    expect((await history.read(0)).atMs).toBe(1_000);
  });

  test('a message is not discarded if the console has no space for its copy', async () => {
    const queue = await openParkedQueueUnderTest(started.deployment);
    const ids = [await queue.park('{"no key 1'), await queue.park('{"no key 2')];
    const ended = new AbortController();
    const desk = createParkedDesk({ stage, clock: systemClock, signal: ended.signal }, createKeptMessages(400));
    desk.discard(new Set(ids));
    await desk.ended();
    expect(desk.state(0)).toMatchObject({
      discardedCount: 1,
      last: { done: 1, problem: expect.stringContaining('the console has no space for more copies') },
    });
    await queue.untilVisible(1);
  });

  /** @returns how long the console waits after each of its first attempts to subscribe, in seconds */
  async function waitsOf(stageName: string): Promise<number[]> {
    const ended = new AbortController();
    const waits: number[] = [];
    const sleep = async (ms: number) => {
      waits.push(ms / 1_000);
      if (waits.length === 10) ended.abort();
    };
    const connection = connectStage(async () => ({ ...started.deployment, stage: stageName, close: () => undefined }));
    const clock = { ...systemClock, sleep };
    const published = createPublishedEvents({ stage: connection, clock, signal: ended.signal });
    published.follow();
    await published.ended();
    expect(published.after(0)).toEqual({ events: [], forgotten: 0, problem: expect.stringMatching(/./) });
    return waits;
  }

  test('if the console cannot subscribe to a deployed stage, it tries less and less often, and leaves no queues behind', async () => {
    const { sns, sqs, completionTopicArn } = started.deployment;
    await sns.send(new DeleteTopicCommand({ TopicArn: await completionTopicArn() }));
    expect(await waitsOf('prod')).toEqual([3, 6, 12, 24, 48, 96, 192, 300, 300, 300]);
    expect(await waitsOf('local')).toEqual(Array.from({ length: 10 }, () => 3));
    const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'greenroom-' }));
    // The one queue belongs to the console of the stack, which subscribed before.
    expect(must(QueueUrls).filter((url) => url.includes('-watch-'))).toHaveLength(1);
  });
});
