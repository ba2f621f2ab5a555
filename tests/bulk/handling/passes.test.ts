import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Region } from '../../../lib/contract/regions.ts';
import { type BulkDesk, openBulkDesk, START_MS } from '../../support/bulk-desk.ts';
import { csv, rowsOf } from '../../support/bulk-jobs.ts';
import { madeRoom, noRoom } from '../../support/completions.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How many rows of a region may be outstanding. */
const LIMIT = 4;

let desk: BulkDesk;
beforeEach(async () => {
  desk = await openBulkDesk({ outstandingRows: LIMIT, laneStop: 1_000 });
});
afterEach(() => desk.close());

const returnsIn = (ms: number) => ({ done: false, returnsAtMs: desk.nowMs() + ms });
const sentSince = (before: number) => desk.keys().slice(before);
const callsOf = (action: RegExp) => desk.calls.filter((call) => action.test(`${call.service} ${call.action}`));
const answer = (jobId: string, keys: string[], region: Region = 'eu-west-1') =>
  desk.answer(
    jobId,
    keys.map((key) => madeRoom(key, { region })),
  );

describe('a job sends as many rows of each region as may be outstanding', () => {
  test('however they are sorted, and sends the next rows when some are answered', async () => {
    const rows = ['ap-south-1', 'eu-west-1'].flatMap((region) => rowsOf(region, LIMIT + 2));
    const { record, jobId } = desk.put('a.csv', csv(...rows, 'us-east-1-1,us-east-1'));
    expect(await desk.tell([record])).toEqual(returnsIn(2 * SECOND_MS));
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

  test('and counts neither failed rows nor rows with a room as outstanding', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 2)));
    await desk.tell([record]);
    await desk.answer(jobId, [noRoom('eu-west-1-1'), madeRoom('eu-west-1-2')]);
    desk.pass(2 * SECOND_MS);
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.keys()).toHaveLength(LIMIT + 2);
    expect(await desk.meta(jobId)).toMatchObject({ state: 'sealed', members: LIMIT + 2 });
  });

  test('but sends all remaining rows a day after it began, because they expire then', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 3)));
    await desk.tell([record]);
    desk.pass(DAY_MS - 1);
    // No wait ends after that time.
    expect(await desk.tell([record])).toEqual(returnsIn(SECOND_MS));
    expect(desk.keys()).toHaveLength(LIMIT);
    desk.pass(1);
    expect(await desk.tell([record])).toEqual({ done: true });
    const needed = desk.requests().map(({ neededBy }) => neededBy);
    expect(needed).toEqual(Array(LIMIT + 3).fill(new Date(START_MS + DAY_MS).toISOString()));
    expect(await desk.meta(jobId)).toMatchObject({ state: 'sealed' });
  });

  test('and counts rows that a tracker has counted without a region as answered in every region', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 1)));
    await desk.tell([record]);
    // An earlier release counted in this way, because it had no counters by region.
    await desk.change(jobId, 'meta', 'ADD provisioned :one', { one: 1 });
    expect(await desk.tell([record])).toEqual({ done: true });
  });
});

describe('a reader records', () => {
  test('the last sent row of each region, and the data that its next pass needs', async () => {
    const rows = [...rowsOf('ap-south-1', LIMIT + 1), 'bad key\u0007,eu-west-1', ...rowsOf('eu-west-1', 2)];
    const { record, jobId } = desk.put('a.csv', csv(...rows));
    await desk.tell([record]);
    expect(await desk.reader(jobId)).toEqual({
      lease_end: 0,
      checked: { rows: 8, members: 7, invalid: 1, repeated: 0 },
      read_as: { literal: false },
      done: LIMIT,
      handled: 7,
      regions: {
        'ap-south-1': { place: 4, looked_at: START_MS, answered: 0 },
        '-': { place: 6 },
        'eu-west-1': { place: 8 },
      },
      progressed_at: START_MS + 2 * SECOND_MS,
      names: new Set(),
      notice: expect.objectContaining({ key: 'manifests/a.csv', putAtMs: START_MS }),
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

  test('how long no row of a full region has been answered', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 3)));
    await desk.tell([record]);
    desk.pass(MINUTE_MS);
    // A third of the time without an answer, less the jitter, in whole seconds.
    expect(await desk.tell([record])).toEqual(returnsIn(20 * SECOND_MS));
    expect((await desk.reader(jobId)).regions).toEqual({
      'eu-west-1': { place: LIMIT, looked_at: START_MS + MINUTE_MS, answered: 0, stalled_at: START_MS },
    });
    await answer(jobId, ['eu-west-1-1']);
    desk.pass(MINUTE_MS);
    // Two of four outstanding rows must be answered before the next pass, and one is answered each minute.
    expect(await desk.tell([record])).toEqual(returnsIn(2 * MINUTE_MS));
    expect((await desk.reader(jobId)).regions).toEqual({
      'eu-west-1': { place: LIMIT + 1, looked_at: START_MS + 2 * MINUTE_MS, answered: 1 },
    });
  });
});

describe('a region that is full is checked again', () => {
  test.each([
    ['the first', ['ap-south-1', 'eu-west-1']],
    ['the last', ['eu-west-1', 'ap-south-1']],
  ])('when %s of two regions is due', async (_which, regions) => {
    const { record, jobId } = desk.put('a.csv', csv(...regions.flatMap((region) => rowsOf(region, LIMIT + 2))));
    await desk.tell([record]);
    desk.pass(10 * MINUTE_MS);
    await answer(jobId, ['eu-west-1-1']);
    // In one region, half of the rows are answered in twenty minutes at this pace. In the other, no row was answered for ten minutes.
    expect(await desk.tell([record])).toEqual(returnsIn((10 / 3) * 0.975 * MINUTE_MS));
  });

  test('so rarely that the receives suffice for all passes that its rows need', async () => {
    // A pass sends two rows. One region has 7 rows left, which take four passes; the other has one row left.
    const rows = [...rowsOf('ap-south-1', LIMIT + 7), ...rowsOf('eu-west-1', LIMIT + 1)];
    const { record } = desk.put('a.csv', csv(...rows));
    const receive = { receiveCount: 80, renewals: '10' };
    expect(await desk.tell([record], receive)).toEqual(returnsIn(Math.ceil(DAY_MS / 34 / SECOND_MS) * SECOND_MS));
  });

  test('soon if it ran dry since the last check, although its answers then seem slow', async () => {
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', 3 * LIMIT)));
    await desk.tell([record]);
    desk.pass(10 * MINUTE_MS);
    await answer(jobId, desk.keys());
    expect(await desk.tell([record])).toEqual(returnsIn(2 * SECOND_MS));
    // If one row is unanswered, the pace is known: three rows were answered in ten minutes, and two more must be answered.
    desk.pass(10 * MINUTE_MS);
    await answer(jobId, desk.keys().slice(LIMIT, -1));
    expect(await desk.tell([record])).toEqual(returnsIn((2 / 3) * 10 * MINUTE_MS));
  });

  describe('at the end of the day after which its rows expire,', () => {
    test.each([
      ['by its message', {}],
      ['by its message, even if few receives are left', { receiveCount: 100, renewals: '10' }],
    ])('%s', async (_when, receive) => {
      const { record } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 1)));
      await desk.tell([record]);
      desk.pass(DAY_MS - MINUTE_MS);
      expect(await desk.tell([record], receive)).toEqual(returnsIn(MINUTE_MS));
    });

    test('by its notice, which is sent again', async () => {
      const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 1)));
      await desk.tell([record]);
      desk.pass(DAY_MS - MINUTE_MS);
      expect(await desk.tell([record], { receiveCount: 45 })).toEqual({ done: true });
      expect(desk.queue('manifests').messages()).toMatchObject([{ visibleAtMs: START_MS + DAY_MS }]);
      expect(await desk.reader(jobId)).toMatchObject({ progressed_at: START_MS + DAY_MS });
    });
  });

  test('regardless of its receives while its notice can be sent again', async () => {
    const { record } = desk.put('a.csv', csv(...rowsOf('eu-west-1', LIMIT + 1)));
    desk.fail(/SendMessage .*manifests/, 2);
    expect(await desk.tell([record], { receiveCount: 44, renewals: '9' })).toEqual(returnsIn(2 * SECOND_MS));
  });
});

describe('while the lane is full', () => {
  const others = (count: number) =>
    Array.from({ length: count }, () => desk.queue('bulk').send(JSON.stringify({ idempotencyKey: 'other' })).id);

  test('a job sends nothing, and checks again after five minutes or a thirtieth of its age', async () => {
    const ids = others(1_000);
    const { record, jobId } = desk.put('a.csv', csv(...rowsOf('eu-west-1', 2), ...rowsOf('us-east-1', 1)));
    expect(await desk.tell([record])).toEqual(returnsIn(5 * MINUTE_MS));
    expect(desk.lines.at(-1)?.fields).toMatchObject({ reason: 'lane-full', regions: ['eu-west-1', 'us-east-1'] });
    expect(await desk.reader(jobId)).toMatchObject({ done: 0, handled: 0, regions: { 'eu-west-1': { place: 0 } } });
    desk.pass(300 * MINUTE_MS);
    expect(await desk.tell([record])).toEqual(returnsIn(10 * MINUTE_MS));
    expect(desk.keys()).toHaveLength(1_000);
    desk.queue('bulk').remove(new Set(ids));
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(desk.keys()).toEqual(['eu-west-1-1', 'eu-west-1-2', 'us-east-1-1']);
  });

  test('a job sends nothing even after its rows have expired', async () => {
    others(1_000);
    const { record } = desk.put('a.csv', csv(...rowsOf('eu-west-1', 1)));
    await desk.tell([record]);
    desk.pass(2 * DAY_MS);
    expect(await desk.tell([record])).toEqual(returnsIn(30 * MINUTE_MS));
    // The receives of the notice must last until it is parked: 18 receives in three days.
    expect(await desk.tell([record], { receiveCount: 100, renewals: '10' })).toEqual(returnsIn((3 * DAY_MS) / 18));
    expect(desk.keys()).toHaveLength(1_000);
  });

  test('each of five readers takes a fifth of the messages that the lane still allows', async () => {
    others(986);
    desk.queue('bulk').receive(400);
    const { record } = desk.put('a.csv', csv(...rowsOf('eu-west-1', 2), ...rowsOf('us-east-1', 2)));
    expect(await desk.tell([record])).toEqual(returnsIn(5 * MINUTE_MS));
    expect(sentSince(986)).toEqual(['eu-west-1-1', 'eu-west-1-2']);
    expect(callsOf(/GetQueueAttributes/)).toHaveLength(1);
  });

  test('a job that has nothing to send does not read the number of messages', async () => {
    others(1_000);
    const { record } = desk.put('a.csv', 'name\nbad name\n');
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(callsOf(/GetQueueAttributes/)).toEqual([]);
  });
});
