import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Region } from '../../../lib/contract/regions.ts';
import { type BulkDesk, openBulkDesk, START_MS } from '../../support/bulk-desk.ts';
import { madeRoom, noRoom } from '../../support/completions.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Rows of a region that may be outstanding. */
const LIMIT = 4;

let desk: BulkDesk;
beforeEach(async () => {
  desk = await openBulkDesk({ outstandingRows: LIMIT, laneStop: 1_000 });
});
afterEach(() => desk.close());

const csv = (...rows: string[]) => ['key,region', ...rows].join('\n');
/** So many rows of a region, with the keys `<region>-1` and so on. */
const rowsOf = (region: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${region}-${index + 1},${region}`);
const comesIn = (ms: number) => ({ done: false, comesAtMs: desk.nowMs() + ms });
const sentSince = (before: number) => desk.keys().slice(before);
const callsOf = (action: RegExp) => desk.calls.filter((call) => action.test(`${call.service} ${call.action}`));
const answer = (jobId: string, keys: string[], region: Region = 'eu-west-1') =>
  desk.answer(
    jobId,
    keys.map((key) => madeRoom(key, { region })),
  );

describe('of each region, as many rows are sent as may be outstanding', () => {
  test('however they are sorted, and the next ones when rows are answered', async () => {
    const rows = ['ap-south-1', 'eu-west-1'].flatMap((region) => rowsOf(region, LIMIT + 2));
    const { record, jobId } = desk.put('a.csv', csv(...rows, 'us-east-1-1,us-east-1'));
    expect(await desk.tell([record])).toEqual(comesIn(2 * SECOND_MS));
    expect(desk.keys()).toEqual(
      [...rowsOf('ap-south-1', LIMIT), ...rowsOf('eu-west-1', LIMIT), 'us-east-1-1,us-east-1'].map(
        (row) => row.split(',')[0],
      ),
    );
    expect(desk.lines.at(-1)?.fields).toMatchObject({
      kind: 'unfinished',
      reason: 'outstanding',
      regions: ['ap-south-1', 'eu-west-1'],
      untilMs: START_MS + 2 * SECOND_MS,
    });

    await answer(jobId, ['eu-west-1-1']);
    desk.pass(2 * SECOND_MS);
    await desk.tell([record]);
    expect(sentSince(2 * LIMIT + 1)).toEqual(['eu-west-1-5']);
    await answer(jobId, ['eu-west-1-2', 'eu-west-1-3', 'eu-west-1-4']);
    desk.pass(2 * SECOND_MS);
    await desk.tell([record]);
    expect(sentSince(2 * LIMIT + 2)).toEqual(['eu-west-1-6']);
    expect(desk.lines.at(-1)?.fields).toMatchObject({ regions: ['ap-south-1'] });
  });

  test('failures are answers too, and a row that has an answer is not outstanding', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 2)));
    await desk.tell([record]);
    await desk.answer(jobId, [noRoom('eu-west-1-1'), madeRoom('eu-west-1-2')]);
    desk.pass(2 * SECOND_MS);
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.keys()).toHaveLength(LIMIT + 2);
    expect(await desk.meta(jobId)).toMatchObject({ state: 'sealed', members: LIMIT + 2 });
  });

  test('and all that are left a day after the job began, since they expire then', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 3)));
    await desk.tell([record]);
    desk.pass(DAY_MS - 1);
    // No wait goes past that moment.
    expect(await desk.tell([record])).toEqual(comesIn(SECOND_MS));
    expect(desk.keys()).toHaveLength(LIMIT);
    desk.pass(1);
    expect(await desk.tell([record])).toEqual({ done: true });
    const needed = desk.requests().map(({ neededBy }) => neededBy);
    expect(needed).toEqual(Array(LIMIT + 3).fill(new Date(START_MS + DAY_MS).toISOString()));
    expect(await desk.meta(jobId)).toMatchObject({ state: 'sealed' });
  });

  test('those that a tracker has counted without their region count as answered in any', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 1)));
    await desk.tell([record]);
    // As a release counted that had no counters by region.
    await desk.change(jobId, 'meta', 'ADD provisioned :one', { one: 1 });
    expect(await desk.tell([record])).toEqual({ done: true });
  });
});

describe('a reader notes', () => {
  test('how far each region is, and what it needs to look again', async () => {
    const rows = [...rowsOf('ap-south-1', LIMIT + 1), 'bad key\u0007,eu-west-1', ...rowsOf('eu-west-1', 2)];
    const { record, jobId } = desk.put('a.csv', csv(...rows));
    await desk.tell([record]);
    expect(await desk.reader(jobId)).toEqual({
      lease_end: 0,
      checked: { rows: 8, members: 7, invalid: 1, repeated: 0 },
      done: LIMIT,
      handled: 7,
      regions: {
        'ap-south-1': { place: 4, looked_at: START_MS, answered: 0 },
        '-': { place: 6 },
        'eu-west-1': { place: 8 },
      },
      progressed_at: START_MS + 2 * SECOND_MS,
      names: new Set(),
    });

    await answer(jobId, ['ap-south-1-1'], 'ap-south-1');
    desk.pass(5 * SECOND_MS);
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(await desk.reader(jobId)).toMatchObject({
      done: 5,
      handled: 8,
      regions: { 'ap-south-1': { place: 5 }, '-': { place: 6 }, 'eu-west-1': { place: 8 } },
      progressed_at: START_MS + 5 * SECOND_MS,
    });
    expect(desk.keys()).toHaveLength(7);
  });

  test('since when no row of a full region has been answered', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 3)));
    await desk.tell([record]);
    desk.pass(MINUTE_MS);
    // A third of the time without an answer, less what is drawn.
    expect(await desk.tell([record])).toEqual(comesIn(20 * SECOND_MS));
    expect((await desk.reader(jobId)).regions).toEqual({
      'eu-west-1': { place: LIMIT, looked_at: START_MS + MINUTE_MS, answered: 0, stalled_at: START_MS },
    });
    await answer(jobId, ['eu-west-1-1']);
    desk.pass(MINUTE_MS);
    // Three are outstanding, which is one more than half: at an answer a minute.
    expect(await desk.tell([record])).toEqual(comesIn(2 * MINUTE_MS));
    expect((await desk.reader(jobId)).regions).toEqual({
      'eu-west-1': { place: LIMIT + 1, looked_at: START_MS + 2 * MINUTE_MS, answered: 1 },
    });
  });
});

describe('a region that is full is looked at again', () => {
  test.each([
    ['the first', ['ap-south-1', 'eu-west-1']],
    ['the last', ['eu-west-1', 'ap-south-1']],
  ])('when %s of them needs it', async (_which, regions) => {
    const { record, jobId } = desk.put('a.csv', csv(...regions.flatMap((region) => rowsOf(region, LIMIT + 2))));
    await desk.tell([record]);
    desk.pass(10 * MINUTE_MS);
    await answer(jobId, ['eu-west-1-1']);
    // Half of the rows of one are answered in twenty minutes at this pace; of the other, nothing was answered for ten minutes.
    expect(await desk.tell([record])).toEqual(comesIn((10 / 3) * 0.975 * MINUTE_MS));
  });

  test('so rarely that the receives suffice for the passes that its rows need', async () => {
    // Two rows a pass: of one region 7 rows are left, which take four passes; of the other one row.
    const rows = [...rowsOf('ap-south-1', LIMIT + 7), ...rowsOf('eu-west-1', LIMIT + 1)];
    const { record } = desk.put('a.csv', csv(...rows));
    const receive = { receiveCount: 80, renewals: '10' };
    expect(await desk.tell([record], receive)).toEqual(comesIn(Math.ceil(DAY_MS / 34 / SECOND_MS) * SECOND_MS));
  });

  test('soon if it had nothing to do for a part of the time, however slow its answers seem then', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', 3 * LIMIT)));
    await desk.tell([record]);
    desk.pass(10 * MINUTE_MS);
    await answer(jobId, desk.keys());
    expect(await desk.tell([record])).toEqual(comesIn(2 * SECOND_MS));
    // Had one row been left, the pace would be known: two rows are half of the bound, and three were answered in ten minutes.
    desk.pass(10 * MINUTE_MS);
    await answer(jobId, desk.keys().slice(LIMIT, -1));
    expect(await desk.tell([record])).toEqual(comesIn((2 / 3) * 10 * MINUTE_MS));
  });

  describe('in the last minute of the day that its rows are wanted for,', () => {
    test.each([
      ['then', {}],
      ['then, also if its receives are scarce', { receiveCount: 100, renewals: '10' }],
    ])('when it ends: %s', async (_when, receive) => {
      const { record } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 1)));
      await desk.tell([record]);
      desk.pass(DAY_MS - MINUTE_MS);
      expect(await desk.tell([record], receive)).toEqual(comesIn(MINUTE_MS));
    });

    test('when it ends, also if its notice is sent anew', async () => {
      const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 1)));
      await desk.tell([record]);
      desk.pass(DAY_MS - MINUTE_MS);
      expect(await desk.tell([record], { receiveCount: 45 })).toEqual({ done: true });
      expect(desk.queue('manifests').messages()).toMatchObject([{ visibleAtMs: START_MS + DAY_MS }]);
      expect(await desk.reader(jobId)).toMatchObject({ progressed_at: START_MS + DAY_MS });
    });
  });

  test('without regard to its receives while its notice can be sent anew', async () => {
    const { record } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 1)));
    desk.fail(/SendMessage .*manifests/, 2);
    expect(await desk.tell([record], { receiveCount: 44, renewals: '9' })).toEqual(comesIn(2 * SECOND_MS));
  });
});

describe('while the lane is full', () => {
  const others = (count: number) =>
    Array.from({ length: count }, () => desk.queue('bulk').send(JSON.stringify({ idempotencyKey: 'other' })).id);

  test('nothing is sent, and it is looked at again every five minutes, or after a thirtieth of the job’s age', async () => {
    const ids = others(1_000);
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', 2), ...rowsOf('us-east-1', 1)));
    expect(await desk.tell([record])).toEqual(comesIn(5 * MINUTE_MS));
    expect(desk.lines.at(-1)?.fields).toMatchObject({ reason: 'lane-full', regions: ['eu-west-1', 'us-east-1'] });
    expect(await desk.reader(jobId)).toMatchObject({ done: 0, handled: 0, regions: { 'eu-west-1': { place: 0 } } });
    desk.pass(300 * MINUTE_MS);
    expect(await desk.tell([record])).toEqual(comesIn(10 * MINUTE_MS));
    expect(desk.keys()).toHaveLength(1_000);
    desk.queue('bulk').remove(new Set(ids));
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.keys()).toEqual(['eu-west-1-1', 'eu-west-1-2', 'us-east-1-1']);
  });

  test('also after the day that the rows are wanted for', async () => {
    others(1_000);
    const { record } = desk.put('a.csv', csv(...rowsOf('eu-west-1', 1)));
    await desk.tell([record]);
    desk.pass(2 * DAY_MS);
    expect(await desk.tell([record])).toEqual(comesIn(30 * MINUTE_MS));
    // Its receives must last until it is parked: 18 in three days.
    expect(await desk.tell([record], { receiveCount: 100, renewals: '10' })).toEqual(comesIn((3 * DAY_MS) / 18));
    expect(desk.keys()).toHaveLength(1_000);
  });

  test('each of five readers takes a fifth of the room that the waiting messages leave, and those in flight', async () => {
    others(986);
    desk.queue('bulk').receive(400);
    const { record } = desk.put('a.csv', csv(...rowsOf('eu-west-1', 2), ...rowsOf('us-east-1', 2)));
    expect(await desk.tell([record])).toEqual(comesIn(5 * MINUTE_MS));
    expect(sentSince(986)).toEqual(['eu-west-1-1', 'eu-west-1-2']);
    expect(callsOf(/GetQueueAttributes/)).toHaveLength(1);
  });

  test('a job that has nothing to send does not ask', async () => {
    others(1_000);
    const { record } = desk.put('a.csv', 'name\nbad name\n');
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(callsOf(/GetQueueAttributes/)).toEqual([]);
  });
});
