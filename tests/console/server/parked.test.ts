import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ParkedAnswer, ParkedList, ParkedMessageAnswer, ParkedResult } from '../../../console/api/parked.ts';
import { openParkedQueueUnderTest, type ParkedQueueUnderTest, QUEUE_ARN } from '../../cli/stack/parked-queue.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { type ConsoleCalls, openConsoleCalls } from './console-calls.ts';

const request = (key: string) => JSON.stringify({ idempotencyKey: key, name: 'parked', tenant: 'shop' });

describe('the parked messages', () => {
  let calls: ConsoleCalls;
  let queue: ParkedQueueUnderTest;
  let unfinished: string;
  let crashed: string;
  let broken: string;

  beforeAll(async () => {
    calls = await openConsoleCalls();
    queue = await openParkedQueueUnderTest(calls.deployment);
    const parkedAt = '2026-01-01T00:00:09.000Z';
    unfinished = await queue.park(request('wait/1'), { reason: 'unfinished', detail: 'waited for days', parkedAt });
    crashed = await queue.park(request('crash/1'), {
      reason: 'dead-lettered',
      sourceQueue: `${QUEUE_ARN}bulk-dead-letters`,
      parkedAt: '2026-01-01T00:00:08.000Z',
    });
    broken = await queue.park('{"no key', { sourceQueue: `${QUEUE_ARN}other`, parkedAt: '2026-01-01T00:00:07.000Z' });
  });

  afterAll(() => calls.close());

  /** Waits until no activity is running. */
  const ended = () =>
    until(async () => {
      const { answer } = await calls.get<ParkedAnswer>('parked');
      return answer.running === undefined ? answer : undefined;
    });

  async function begin(path: string, body: unknown = {}): Promise<ParkedAnswer & { last: ParkedResult }> {
    const { status, answer } = await calls.post<ParkedAnswer>(path, body);
    expect({ status, problem: answer.problem }).toEqual({ status: 200 });
    const { last, ...state } = await ended();
    return { ...state, last: must(last) };
  }

  async function read(): Promise<ParkedList> {
    const { last, list } = await begin('parked/read');
    expect(last).toMatchObject({ kind: 'read', isStopped: false, failures: [] });
    expect(last.problem).toBeUndefined();
    return must(list);
  }

  test('before a person asks, nothing is read', async () => {
    const { answer } = await calls.get<ParkedAnswer>('parked');
    expect(answer).toEqual({ version: 0, discardedCount: 0 });
    expect(await queue.counts()).toEqual({ visible: 3, hidden: 0 });
  });

  test('a reading lists the messages, newest first, with the possible actions, and leaves them visible', async () => {
    const { messages, unseenCount } = await read();
    expect(unseenCount).toBe(0);
    expect(messages).toMatchObject([
      {
        ...{ id: unfinished, reason: 'unfinished', idempotencyKey: 'wait/1', tenant: 'shop' },
        redrive: { kind: 'possible', lane: 'interactive', lacksAttributes: false },
        keptBecause: 'It was parked as unfinished and may have no outcome yet.',
      },
      { id: crashed, reason: 'dead-lettered', redrive: { kind: 'possible', lane: 'bulk' } },
      { id: broken, meaning: 'the message has no readable key', redrive: { kind: 'impossible' } },
    ]);
    expect(messages[1]).not.toHaveProperty('keptBecause');
    expect(messages[2]).not.toHaveProperty('idempotencyKey');
    expect(await queue.counts()).toEqual({ visible: 3, hidden: 0 });
  });

  test('the list is sent only to a page that does not have it', async () => {
    const { answer } = await calls.get<ParkedAnswer>('parked');
    expect(answer.list?.messages).toHaveLength(3);
    const { answer: same } = await calls.get<ParkedAnswer>('parked', { version: String(answer.version) });
    expect(same).not.toHaveProperty('list');
  });

  test('one message can be read with its note and its body', async () => {
    const { answer } = await calls.get<ParkedMessageAnswer>('parked/message', { id: unfinished });
    expect(answer.message).toMatchObject({ note: { detail: 'waited for days' }, body: request('wait/1') });
    const none = await calls.get<ParkedMessageAnswer>('parked/message', { id: 'none' });
    expect(none).toMatchObject({ status: 422, answer: { problem: expect.stringContaining('read the queue again') } });
  });

  test('a message that may have no outcome yet cannot be discarded, nor can other messages in the same call', async () => {
    const { status, answer } = await calls.post<ParkedAnswer>('parked/discard', { ids: [unfinished, broken] });
    expect(status).toBe(422);
    expect(answer.problem).toContain(`${unfinished}: It was parked as unfinished and may have no outcome yet.`);
    expect(await queue.counts()).toEqual({ visible: 3, hidden: 0 });
  });

  test('such a message is kept even if it is not in the list of the console', async () => {
    const unknown = await queue.park(request('wait/2'), { reason: 'outcome-unknown' });
    const { last } = await begin('parked/discard', { ids: [unknown] });
    expect(last).toMatchObject({ done: 0, total: 1, failures: [{ id: unknown }] });
    await queue.untilVisible(4);
    expect((await begin('parked/redrive', { ids: [unknown] })).last).toMatchObject({ done: 1, failures: [] });
  });

  test('a discarded message is gone, and can be saved', async () => {
    const { last, list, discardedCount } = await begin('parked/discard', { ids: [broken] });
    expect(last).toMatchObject({ kind: 'discard', done: 1, total: 1, failures: [] });
    expect(must(list).messages.map(({ id }) => id)).toEqual([unfinished, crashed]);
    expect(discardedCount).toBe(1);
    const saved = await calls.raw({ path: '/api/parked/discarded', headers: calls.signedIn });
    expect(JSON.parse(saved.text)).toMatchObject({ id: broken, body: '{"no key' });
    await queue.untilVisible(2);
  });

  test.each([
    [{ ids: [] }, 'ids'],
    [{ ids: ['a'], neededBy: 'tomorrow' }, 'It must be a date and time with an offset'],
    [{ ids: ['a'], neededBy: '2020-01-01T00:00:00Z' }, 'It must be in the future'],
  ])('%j is refused', async (body, problem) => {
    const { status, answer } = await calls.post<ParkedAnswer>('parked/redrive', body);
    expect(status).toBe(400);
    expect(answer.problem).toContain(problem);
  });

  test('messages are sent back, and the result names those that were not found', async () => {
    const neededBy = new Date(Date.now() + 3_600_000).toISOString();
    const { last, list } = await begin('parked/redrive', { ids: [crashed, 'gone'], neededBy });
    expect(last).toMatchObject({ kind: 'redrive', done: 1, total: 2 });
    expect(last.failures).toEqual([{ id: 'gone', problem: 'It is no longer visible: read the queue again.' }]);
    expect(must(list).messages.map(({ id }) => id)).toEqual([unfinished]);
    await queue.untilVisible(1);
  });

  test('only one activity runs at a time, and a stopped one leaves its messages visible', async () => {
    expect((await calls.post<ParkedAnswer>('parked/read', {})).answer.running).toMatchObject({ kind: 'read' });
    expect((await calls.post<ParkedAnswer>('parked/read', {})).status).toBe(200);
    const second = await calls.post<ParkedAnswer>('parked/redrive', { ids: [unfinished] });
    expect(second).toMatchObject({
      status: 422,
      answer: { problem: expect.stringMatching(/^The queue is being read/) },
    });
    const { last, list } = await begin('parked/stop');
    expect(last).toMatchObject({ kind: 'read', isStopped: true });
    expect(must(list).messages).toHaveLength(1);
    await queue.untilVisible(1);
  });
});
