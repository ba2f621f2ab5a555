import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NowAnswer } from '../../../console/api/now.ts';
import type { PublishedAnswer } from '../../../console/api/published.ts';
import { type ConsoleCalls, openConsoleCalls } from './console-calls.ts';

describe('the load and the published events', () => {
  let calls: ConsoleCalls;

  beforeAll(async () => {
    calls = await openConsoleCalls();
  });

  afterAll(() => calls.close());

  test('the load contains the stage, its queues, and the readings since the last call', async () => {
    const { status, answer } = await calls.get<NowAnswer>('now');
    expect(status).toBe(200);
    expect(answer).toMatchObject({ stage: 'local', region: 'eu-west-1' });
    expect(answer.queues.map(({ queue }) => queue)).toContain('parked');
    const { answer: next } = await calls.get<NowAnswer>('now', { since: String(answer.atMs) });
    expect(next.samples.filter(({ atMs }) => atMs <= answer.atMs)).toEqual([]);
  });

  test('before an event is published, the list of events is empty', async () => {
    const { answer } = await calls.get<PublishedAnswer>('published');
    expect(answer).toMatchObject({ events: [], forgotten: 0 });
  });

  test('a query that cannot be read is a problem', async () => {
    const { status, answer } = await calls.get<PublishedAnswer>('published', { after: 'the beginning' });
    expect(status).toBe(400);
    expect(answer.problem).toContain('after');
  });
});
