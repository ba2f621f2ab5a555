import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CancelAnswer, EventAnswer, EventsAnswer, MoveAnswer, SentAnswer } from '../../../console/api/events.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { clientOf, eventAt, MINUTE_MS } from '../programme.ts';
import { type ConsoleCalls, openConsoleCalls } from './console-calls.ts';

const HOUR_MS = 60 * MINUTE_MS;
/** Whole minutes, because release times have whole seconds. */
const NOW_MS = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
const SOON_MS = NOW_MS + 20 * MINUTE_MS;
const LATER_MS = NOW_MS + 3 * HOUR_MS;

describe('the live events of the console', () => {
  let calls: ConsoleCalls;

  beforeAll(async () => {
    calls = await openConsoleCalls();
    const { schedule } = clientOf(calls);
    const endsAt = new Date(SOON_MS + HOUR_MS).toISOString();
    await schedule(eventAt('soon', SOON_MS, { endsAt, releaseAfter: 'PT10M', metadata: { show: 'final' } }));
    await schedule(eventAt('later', LATER_MS));
    const rooms = Array.from({ length: 400 }, (_, index) => ({ key: `${index}`, room: {} }));
    await schedule(eventAt('much', LATER_MS + MINUTE_MS, { leadTime: 'PT1M', atRiskTime: 'PT30S', rooms }));
    // The rosters count the rooms only after some seconds.
    await eventOnce('soon', ({ event }) => event?.rooms.every(({ release }) => release?.arn !== undefined) === true);
    await eventOnce('later', ({ event }) => event !== undefined);
    await eventOnce('much', ({ event }) => event !== undefined);
  });

  afterAll(() => calls.close());

  const eventOnce = (event: string, is: (answer: EventAnswer) => boolean) =>
    until(async () => {
      const { answer } = await calls.get<EventAnswer>('event', { event });
      return is(answer) ? answer : undefined;
    });

  const list = async (fromMs: number, untilMs: number) => {
    const query = { from: String(fromMs), until: String(untilMs) };
    return (await calls.get<EventsAnswer>('events', query)).answer;
  };

  const outcomeOf = (number: number) =>
    until(async () => {
      const { answer } = await calls.get<SentAnswer>('events/sent', { number: String(number) });
      return answer.outcome && answer;
    });

  const move = async (body: object) => (await calls.post<MoveAnswer>('events/move', body)).answer;

  test('a range contains the events that start in it, with their times and rooms', async () => {
    const { events } = await list(SOON_MS, LATER_MS);
    expect(events).toMatchObject([
      {
        ...{ liveEventId: 'soon', tenant: 'default', revision: 1, startsAtMs: SOON_MS, roomsFailed: 0, roomsTotal: 2 },
        state: expect.stringMatching(/^(opening|ready)$/),
        times: {
          opensAtMs: SOON_MS - 30 * MINUTE_MS,
          checkAtMs: expect.any(Number),
          endsAtMs: SOON_MS + HOUR_MS,
          releaseAtMs: SOON_MS + HOUR_MS + 10 * MINUTE_MS,
        },
      },
    ]);
    expect((await list(SOON_MS, LATER_MS + 1)).events).toHaveLength(2);
  });

  test('the forecast says which events will be late, and which lead time they need', async () => {
    const { events, forecast } = await list(LATER_MS, LATER_MS + HOUR_MS);
    expect(forecast).toMatchObject({ late: 1, afterCheck: 0, rooms: { 'eu-west-1': 402 }, slowestRegion: 'eu-west-1' });
    const [later, much] = events;
    expect(must(later?.readyAtMs)).toBeLessThan(LATER_MS);
    expect(must(much?.readyAtMs)).toBeGreaterThan(LATER_MS + MINUTE_MS);
    // Control: there is no forecast for a range without events.
    expect((await list(LATER_MS + 2 * HOUR_MS, LATER_MS + 3 * HOUR_MS)).forecast).toBeUndefined();
  });

  test('a range that is empty or too long is a problem', async () => {
    for (const untilMs of [SOON_MS, SOON_MS + 365 * 24 * HOUR_MS]) {
      const query = { from: String(SOON_MS), until: String(untilMs) };
      expect(await calls.get('events', query)).toMatchObject({ status: 400, answer: { problem: expect.any(String) } });
    }
  });

  test('the detail of an event contains its rooms, and what a cancellation would do to them', async () => {
    const { event, cancellation } = await eventOnce('soon', () => true);
    expect(event?.rooms).toEqual([
      expect.objectContaining({ key: 'a', region: 'eu-west-1', release: expect.objectContaining({ state: 'made' }) }),
      expect.objectContaining({ key: 'b', region: 'eu-west-1' }),
    ]);
    expect(cancellation).toBe('Its rooms are deleted after the grace period.');
    expect((await eventOnce('later', () => true)).cancellation).toBe('It has not requested any rooms.');
    expect((await eventOnce('none', () => true)).event).toBeUndefined();
  });

  test('the check of a move changes nothing', async () => {
    const seen = { liveEventId: 'later', revision: 1, send: false };
    expect(await move({ ...seen, startsAtMs: LATER_MS + HOUR_MS })).toMatchObject({
      ...{ kind: 'checked', revision: 2, keepsCheck: true },
      times: { startsAtMs: LATER_MS + HOUR_MS, opensAtMs: LATER_MS + HOUR_MS - 30 * MINUTE_MS },
    });
    expect(await move({ ...seen, startsAtMs: NOW_MS - HOUR_MS })).toEqual({
      kind: 'invalid',
      problems: [{ path: 'startsAt', message: expect.stringMatching(/^is in the past/) }],
    });
    expect((await eventOnce('later', () => true)).event?.revision).toBe(1);
  });

  test('a move is accepted, and keeps the rooms', async () => {
    const before = await eventOnce('soon', () => true);
    const startsAtMs = SOON_MS + 5 * HOUR_MS;
    const sent = await move({
      ...{ liveEventId: 'soon', revision: 1, send: true },
      ...{ startsAtMs, endsAtMs: startsAtMs + HOUR_MS },
    });
    if (sent.kind !== 'sent') throw new Error(`The answer is ${JSON.stringify(sent)}`);
    expect(await outcomeOf(sent.number)).toMatchObject({ what: 'move', revision: 2, outcome: { kind: 'accepted' } });
    const { event } = await eventOnce('soon', () => true);
    expect(event).toMatchObject({ revision: 2, startsAtMs, releaseAtMs: startsAtMs + HOUR_MS + 10 * MINUTE_MS });
    const arns = (answer: EventAnswer) => answer.event?.rooms.map(({ release }) => must(release?.arn));
    expect(arns(await eventOnce('soon', () => true))).toEqual(arns(before));
  });

  test('if two moves have the same revision, one is refused with a reason', async () => {
    const seen = { liveEventId: 'much', revision: 1, send: true };
    const sent = await Promise.all([1, 2].map((hours) => move({ ...seen, startsAtMs: LATER_MS + hours * HOUR_MS })));
    const outcomes = await Promise.all(
      sent.map(async (each) => {
        if (each.kind !== 'sent') throw new Error(`The answer is ${JSON.stringify(each)}`);
        return must((await outcomeOf(each.number)).outcome);
      }),
    );
    expect(outcomes.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
      { kind: 'accepted' },
      { kind: 'refused', problems: [expect.objectContaining({ path: 'revision' })] },
    ]);
    // The user saw revision 1, so a later attempt is not even sent.
    const { problem } = (await calls.post<MoveAnswer>('events/move', { ...seen, startsAtMs: LATER_MS })).answer;
    expect(problem).toBe('much now has revision 2: look at it again before you change it');
  });

  test('a cancelled event is shown as such, and cannot be changed', async () => {
    const seen = { liveEventId: 'later', revision: 1 };
    const { answer } = await calls.post<CancelAnswer>('events/cancel', seen);
    expect(await outcomeOf(answer.number)).toMatchObject({ what: 'cancellation', outcome: { kind: 'cancelled' } });
    expect((await list(LATER_MS, LATER_MS + 1)).events).toMatchObject([{ liveEventId: 'later', state: 'cancelled' }]);
    const { cancellation } = await eventOnce('later', () => true);
    expect(cancellation).toBeUndefined();
    const again = await calls.post<CancelAnswer>('events/cancel', seen);
    expect(again).toMatchObject({ status: 422, answer: { problem: 'later is cancelled, and stays cancelled' } });
  });

  test('an unknown event and an unknown message are problems', async () => {
    const { status, answer } = await calls.post('events/cancel', { liveEventId: 'none', revision: 1 });
    expect({ status, ...answer }).toEqual({ status: 422, problem: 'There is no live event none in stage local' });
    expect((await calls.get('events/sent', { number: '99' })).status).toBe(422);
  });
});
