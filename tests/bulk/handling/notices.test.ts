import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BulkDesk, type Left, openBulkDesk, START_MS } from '../../support/bulk-desk.ts';
import { manyRows } from '../../support/bulk-jobs.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long the function may work: it reserves two seconds of its timeout for winding up. */
const WORK_MS = 118 * SECOND_MS;
/** How many rows may be outstanding. */
const LIMIT = 100;
/** After this time at the quota, half of them are answered. */
const CHECK_MS = 10 * SECOND_MS;
/** After a failure, the message returns after two seconds at most. */
const TRY_AGAIN_MS = 2 * SECOND_MS;
const LAST_RENEWAL = '10';
/** The notice of a waiting job is sent again from the 45th receive on, and that of an interrupted job from the 98th receive on. */
const [WELL_AFTER, INTERRUPTED_AFTER] = [45, 98];

let desk: BulkDesk;
beforeEach(async () => {
  desk = await openBulkDesk({ outstandingRows: LIMIT, laneStop: 2_000 });
});
afterEach(() => desk.close());

/** A manifest with one more row than may be outstanding. */
const held = () => desk.put('held.csv', manyRows(LIMIT + 1)).record;
/** A manifest that S3 does not return. */
function unreadable(): object {
  desk.fail(/^s3 GET manifests\/away/, Number.POSITIVE_INFINITY);
  return desk.put('away.csv', 'key\nx\n').record;
}
/** A manifest whose reader has sent a hundred rows when its invocation ends. */
function long(): object {
  desk.on(/TransactWriteItems/, () => desk.pass(WORK_MS));
  return desk.put('long.csv', `region,${manyRows(101).replaceAll('\n', '\nus-east-1,')}`).record;
}
/** A manifest that its reader has checked, but not sent, when SQS fails. */
function interrupted(): object {
  desk.fail(/SendMessageBatch/, Number.POSITIVE_INFINITY);
  return desk.put('interrupted.csv', 'key\nx\n').record;
}
const fillLane = () => {
  for (let index = 0; index < 2_000; index++) desk.queue('bulk').send('{}');
};
const renewed = () =>
  desk
    .queue('manifests')
    .messages()
    .map(({ body, attributes, visibleAtMs }) => ({ body, attributes, inMs: visibleAtMs - desk.nowMs() }));
/** SQS accepts only whole seconds. */
const returnsIn = (ms: number) => ({ done: false, returnsAtMs: desk.nowMs() + Math.ceil(ms / SECOND_MS) * SECOND_MS });

describe('a notice that is sent again', () => {
  test('has the same body, and arrives when its job is due to be checked', async () => {
    const record = held();
    expect(await desk.tell([record], { receiveCount: WELL_AFTER })).toEqual({ done: true });
    const body = JSON.stringify({ Records: [record] });
    expect(renewed()).toEqual([{ body, attributes: { 'greenroom-renewals': '1' }, inMs: CHECK_MS }]);
    expect(desk.lines.at(-1)).toMatchObject({ level: 'info', fields: { messageId: expect.any(String), renewals: 1 } });
  });

  test('counts how often it was sent again', async () => {
    await desk.tell([held()], { receiveCount: WELL_AFTER, renewals: '4' });
    expect(renewed()).toMatchObject([{ attributes: { 'greenroom-renewals': '5' } }]);
  });

  test('arrives after the longest delay of SQS, even if its job is due later', async () => {
    const { record, jobId } = desk.put('held.csv', manyRows(LIMIT + 1));
    await desk.tell([record]);
    // Nothing is answered for ten hours, so the next check is an hour later.
    desk.pass(10 * HOUR_MS);
    await desk.tell([record], { receiveCount: WELL_AFTER });
    expect(renewed()).toMatchObject([{ inMs: 900 * SECOND_MS }]);
    // A failure after the planned check counts only from then on.
    expect(await desk.reader(jobId)).toMatchObject({ progressed_at: desk.nowMs() + 900 * SECOND_MS });
  });

  describe.each([
    ['that waits for answers', held, WELL_AFTER],
    ['whose reader ran out of time', long, INTERRUPTED_AFTER],
    ['that failed after it had made progress', interrupted, INTERRUPTED_AFTER],
  ])('for a job %s', (_what, manifest, receives) => {
    test('replaces its message at this receive', async () => {
      expect(await desk.tell([manifest()], { receiveCount: receives })).toEqual({ done: true });
      expect(renewed()).toHaveLength(1);
    });

    test('does not replace its message one receive earlier', async () => {
      expect((await desk.tell([manifest()], { receiveCount: receives - 1 })).done).toBe(false);
      expect(renewed()).toEqual([]);
    });
  });

  test('arrives after a second if the reader ran out of time', async () => {
    await desk.tell([long()], { receiveCount: INTERRUPTED_AFTER });
    expect(renewed()).toMatchObject([{ inMs: SECOND_MS }]);
  });

  test('arrives after five minutes if the lane is full', async () => {
    fillLane();
    expect(await desk.tell([held()], { receiveCount: WELL_AFTER })).toEqual({ done: true });
    expect(renewed()).toMatchObject([{ inMs: 300 * SECOND_MS }]);
  });
});

describe('a notice is not sent again', () => {
  const most = { receiveCount: 118, sentAtMs: START_MS - 50 * HOUR_MS };

  test('for a job that failed before it made progress', async () => {
    expect((await desk.tell([unreadable()], most)).done).toBe(false);
    expect(renewed()).toEqual([]);
  });

  test('while another reader has the lease of its job', async () => {
    const record = held();
    const others: Left[] = [];
    desk.on(/^s3 GET/, async () => others.push(await desk.tell([record], most)));
    await desk.tell([record]);
    expect(others).toMatchObject([{ done: false }]);
    expect(renewed()).toEqual([]);
  });

  test('by a reader that has lost its lease, because its checkpoint was refused', async () => {
    const record = interrupted();
    const { jobId } = desk.put('interrupted.csv', 'key\nx\n');
    const take = () => desk.bulk.readers.acquire(jobId, { nowMs: START_MS + DAY_MS, endMs: START_MS + 2 * DAY_MS });
    desk.on(/UpdateItem.*"#checked/, take);
    expect((await desk.tell([record], most)).done).toBe(false);
    expect(renewed()).toEqual([]);
  });

  test('more than ten times', async () => {
    expect((await desk.tell([held()], { ...most, renewals: LAST_RENEWAL })).done).toBe(false);
    expect(renewed()).toEqual([]);
  });

  test.each(['eleven', '1.5'])('if its attribute says %j, because the number of times is unknown', async (renewals) => {
    expect((await desk.tell([held()], { ...most, renewals })).done).toBe(false);
    expect(renewed()).toEqual([]);
  });
});

describe('a notice that could not be sent again', () => {
  test('returns when its job is due to be checked', async () => {
    desk.fail(/SendMessage .*manifests/);
    expect(await desk.tell([held()], { receiveCount: WELL_AFTER })).toEqual(returnsIn(CHECK_MS));
    const [line] = desk.lines.filter(({ level }) => level === 'warn');
    expect(line?.fields).toEqual({ messageId: expect.any(String), error: expect.stringMatching(/ECONNREFUSED/) });
  });

  test('waits longer when few receives are left, because they must last until it is parked', async () => {
    desk.fail(/SendMessage .*manifests/);
    // It may be received 119 times in three days: 18 receives are left, and one for parking it.
    expect(await desk.tell([held()], { receiveCount: 100 })).toEqual(returnsIn((3 * DAY_MS) / 18));
  });
});

describe('the receives of a notice last', () => {
  test('until it is parked, although its job fails repeatedly', async () => {
    const record = unreadable();
    expect(await desk.tell([record], { receiveCount: 97 })).toEqual(returnsIn(TRY_AGAIN_MS));
    expect(await desk.tell([record], { receiveCount: 100 })).toEqual(returnsIn((3 * DAY_MS) / 18));
  });

  test('until it is parked if it may not be sent again: more of them are then reserved', async () => {
    const record = unreadable();
    const renewals = LAST_RENEWAL;
    expect(await desk.tell([record], { receiveCount: 77, renewals })).toEqual(returnsIn(TRY_AGAIN_MS));
    expect(await desk.tell([record], { receiveCount: 80, renewals })).toEqual(returnsIn((3 * DAY_MS) / 38));
  });

  test('until the rows of its job expire, if the job only waits for answers', async () => {
    const left = await desk.tell([held()], { receiveCount: 90, renewals: LAST_RENEWAL });
    expect(left).toEqual(returnsIn(DAY_MS / 28));
  });
});

describe('a message that announces several manifests', () => {
  const both: [string, () => object[]][] = [
    ['the first', () => [unreadable(), held()]],
    ['the last', () => [held(), unreadable()]],
  ];

  test.each(both)('returns when %s of them is due', async (_which, manifests) => {
    expect(await desk.tell(manifests())).toEqual(returnsIn(TRY_AGAIN_MS));
    expect(desk.keys()).toHaveLength(LIMIT);
  });

  test.each(both)(
    'is replaced by a new message because one of its jobs only waits, and the new one arrives when %s is due',
    async (_which, manifests) => {
      expect(await desk.tell(manifests(), { receiveCount: WELL_AFTER })).toEqual({ done: true });
      expect(renewed()).toMatchObject([{ inMs: TRY_AGAIN_MS }]);
    },
  );

  test.each(both)('is done only when all of them are done (%s is not)', async (_which, manifests) => {
    const records = manifests();
    const done = desk.put('done.csv', 'key\na\n');
    expect((await desk.tell([done.record, ...records])).done).toBe(false);
    expect(await desk.tell([done.record, desk.put('also.csv', 'key\nb\n').record])).toEqual({ done: true });
    expect(await desk.meta(done.jobId)).toMatchObject({ state: 'sealed' });
  });
});

describe('a job is checked again', () => {
  test('when the lease of another reader ends, which is at the end of that reader’s invocation', async () => {
    const { record } = desk.put('a.csv', 'key\na\n');
    const others: Left[] = [];
    desk.on(/^s3 GET/, async () => others.push(await desk.tell([record])));
    expect(await desk.tell([record])).toEqual({ done: true });
    expect(others).toEqual([{ done: false, returnsAtMs: START_MS + 120 * SECOND_MS }]);
  });

  test('a second after its reader ran out of time, if the reader made progress', async () => {
    expect(await desk.tell([long()])).toEqual(returnsIn(SECOND_MS));
    expect(desk.keys()).toHaveLength(100);
  });

  test('after a fifteenth of the time without progress, if its reader made none', async () => {
    const { record } = desk.put('a.csv', 'key\na\n');
    desk.on(/^s3 GET/, () => desk.pass(WORK_MS));
    expect(await desk.tell([record])).toEqual(returnsIn(8 * SECOND_MS));
    expect(desk.keys()).toEqual([]);
  });

  test('after a failure, depending on its last progress, even if another process made that', async () => {
    const record = held();
    await desk.tell([record]);
    desk.pass(HOUR_MS);
    desk.replaceReader();
    desk.fail(/UpdateItem/);
    const troubleMs = HOUR_MS - CHECK_MS;
    // A third of the time since then, less the jitter.
    const left = await desk.tell([record], { sentAtMs: START_MS - 10 * HOUR_MS });
    expect(left).toEqual(returnsIn((troubleMs / 3) * 0.975));
  });
});

describe('a notice that cannot be read', () => {
  const tell = (receive = {}) => desk.deliver('manifests', [{ body: 'what?' }], receive);

  test('is parked with the reason', async () => {
    expect(await tell({ receiveCount: 3 })).toEqual([{ done: true }]);
    expect(desk.parked()).toMatchObject([
      {
        body: 'what?',
        note: {
          reason: 'unparseable',
          detail: 'is not a notice of a new object from S3 or EventBridge',
          receiveCount: 3,
        },
      },
    ]);
    expect(desk.lines).toMatchObject([
      { level: 'error', fields: { messageId: expect.any(String), error: expect.stringMatching(/^SyntaxError/) } },
    ]);
  });

  test('returns to its queue if it cannot be parked either', async () => {
    desk.fail(/SendMessage/);
    expect(await tell({ receiveCount: 3 })).toEqual([returnsIn(TRY_AGAIN_MS)]);
    expect(desk.lines.at(-1)).toMatchObject({
      level: 'error',
      fields: { messageId: expect.any(String), receiveCount: 3, error: expect.stringMatching(/ECONNREFUSED/) },
    });
  });

  test('is parked with the error if it is too old to return', async () => {
    desk.fail(/SendMessage/);
    expect(await tell({ sentAtMs: START_MS - 3 * DAY_MS - 1 })).toEqual([{ done: true }]);
    expect(desk.parked()).toMatchObject([
      { note: { reason: 'unfinished', detail: expect.stringMatching(/ECONNREFUSED/) } },
    ]);
  });
});

test('the log says what happened to each object and each job', async () => {
  const elsewhere = { eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'b' }, object: { key: 'x', eTag: 'e' } } };
  const { record, jobId } = desk.put('a.csv', 'key\na\n');
  await desk.tell([elsewhere, record, held(), unreadable()], { receiveCount: 2 });
  const messageId = expect.any(String);
  expect(desk.lines).toMatchObject([
    { level: 'info', fields: { messageId, key: 'x', why: 'elsewhere' } },
    { level: 'info', fields: { job: jobId, format: 'csv', encoding: 'utf-8', separator: ',', rows: 1, members: 1 } },
    { level: 'info', fields: { job: jobId, kind: 'sealed', rows: 1 } },
    { level: 'info', text: 'Manifest checked' },
    { level: 'info', fields: { kind: 'unfinished', reason: 'outstanding', regions: ['eu-west-1'] } },
    { level: 'error', fields: { messageId, receiveCount: 2, job: expect.any(String), error: expect.any(Error) } },
  ]);
});
