import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Completion } from '../../../lib/contract/completion.ts';
import { writeMembers } from '../../../lib/rosters/roster-members.ts';
import { createRoster } from '../../../lib/rosters/roster-states.ts';
import { type BulkDesk, openBulkDesk, START_MS } from '../../support/bulk-desk.ts';
import { manyRows } from '../../support/bulk-jobs.ts';
import { madeRoom, noRoom } from '../../support/completions.ts';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

let desk: BulkDesk;
beforeEach(async () => {
  desk = await openBulkDesk();
});
afterEach(() => desk.close());

/** Begins a job with these keys, which have no outcomes yet. */
async function begin(...keys: string[]): Promise<string> {
  const { record, jobId } = desk.put('a.csv', `key\n${keys.join('\n')}\n`);
  await desk.tell([record]);
  return jobId;
}
const made = (key: string, atMs = START_MS) => madeRoom(key, { decidedAtMs: atMs });
const memberOf = async (jobId: string, key: string) =>
  (await desk.items(jobId)).find((item) => item.idempotency_key === key);
const transactions = () => desk.calls.filter(({ action }) => action === 'TransactWriteItems').length;
const counted = () => desk.lines.at(-1)?.fields;

/** A failure with other fields than usual. */
function failed(change: Partial<Extract<Completion['data'], { outcome: 'failed' }>>): Completion {
  const completion = noRoom('a');
  return { ...completion, data: { ...completion.data, ...change } } as Completion;
}

describe('the tracker counts', () => {
  test('new outcomes, outcomes that were counted before, and those of unknown keys, and logs the numbers', async () => {
    const jobId = await begin('a', 'b', 'c');
    await desk.answer(jobId, [made('a')]);
    const left = await desk.answer(jobId, [made('a'), made('b'), noRoom('b'), made('x'), made('y')]);
    expect(left).toEqual(Array(5).fill({ done: true }));
    expect(counted()).toEqual({
      roster: jobId,
      kind: 'bulk',
      state: 'sealed',
      counted: 1,
      countedBefore: 2,
      notMembers: 2,
    });
    expect(await desk.meta(jobId)).toMatchObject({ provisioned: 2, failed: 0, answered: { 'eu-west-1': 2 } });
  });

  test('only the first of several outcomes of a key in one batch', async () => {
    const jobId = await begin('a', 'b');
    await desk.answer(jobId, [noRoom('a'), made('a'), made('b'), noRoom('b')]);
    expect(await memberOf(jobId, 'a')).toMatchObject({ outcome: 'failed' });
    expect(await memberOf(jobId, 'b')).toMatchObject({ outcome: 'created' });
    expect(counted()).toMatchObject({ counted: 2, countedBefore: 2, notMembers: 0 });
  });

  test('rooms that existed before their roster separately, to the millisecond', async () => {
    const jobId = await begin('a', 'b', 'c');
    await desk.answer(jobId, [made('a', START_MS - 1), made('b', START_MS)]);
    expect(await desk.meta(jobId)).toMatchObject({ provisioned: 2, existing: 1 });
  });

  test('ninety-nine members in one transaction', async () => {
    const keys = manyRows(100).split('\n').slice(1);
    const jobId = await begin(...keys);
    const before = transactions();
    await desk.answer(
      jobId,
      keys.slice(1).map((key) => made(key)),
    );
    expect(transactions() - before).toBe(1);
    expect(counted()).toMatchObject({ counted: 99 });
    await desk.answer(
      jobId,
      keys.map((key) => made(key)),
    );
    // The known outcomes are dropped. The new one, which is alone in the first of two transactions, is written at the second try.
    expect(counted()).toMatchObject({ counted: 1, countedBefore: 99, state: 'announced' });
  });

  test('no answers by region for a live event, because they are not used', async () => {
    const liveEvent = { liveEventId: 'final', revision: 1, startsAt: '2026-12-18T14:00:00Z' };
    await createRoster(desk.table, { id: 'event', kind: 'live-event', liveEvent }, START_MS);
    const members = ['a', 'b'].map((idempotencyKey) => ({ idempotencyKey, region: 'eu-west-1' }));
    await writeMembers(desk.table, 'event', members, START_MS, { ...desk.bulk, signal: new AbortController().signal });
    await desk.answer('event', [made('a')]);
    const meta = (await desk.items('event')).find(({ sk }) => sk === 'meta');
    expect(meta).toMatchObject({ provisioned: 1 });
    expect(meta).not.toHaveProperty('answered_eu-west-1');
  });

  test('an answer for the region of the member if the completion has no region', async () => {
    const jobId = await begin('a', 'b');
    const reads = () => desk.calls.filter(({ action }) => action === 'BatchGetItem').length;
    await desk.answer(jobId, [made('b')]);
    expect(reads()).toBe(0);
    const { region: _, ...data } = noRoom('a').data;
    await desk.answer(jobId, [{ ...noRoom('a'), data } as Completion]);
    expect(reads()).toBe(1);
    expect(await desk.meta(jobId)).toMatchObject({ failed: 1, answered: { 'eu-west-1': 2 } });
  });
});

describe('a member with an outcome has', () => {
  test('its room', async () => {
    const jobId = await begin('a');
    const completion = made('a');
    await desk.answer(jobId, [completion]);
    expect(await memberOf(jobId, 'a')).toMatchObject({
      outcome: 'created',
      completion_id: completion.id,
      room_arn: 'arn:aws:ivschat:eu-west-1:000000000000:room/a',
      room_id: 'a',
      room_name: 'name-a',
      region: 'eu-west-1',
    });
    expect(await memberOf(jobId, 'a')).not.toHaveProperty('reason');
  });

  test('the requested name if its room has no name', async () => {
    const { record, jobId } = desk.put('a.csv', 'key,name\na,hall\n');
    await desk.tell([record]);
    const completion = made('a');
    const data = { ...completion.data, room: { arn: 'arn', id: 'a', name: '' } };
    await desk.answer(jobId, [{ ...completion, data } as Completion]);
    expect(await memberOf(jobId, 'a')).toMatchObject({ room_name: 'hall', room_arn: 'arn' });
  });

  test.each<[string, Completion, string]>([
    ['the error', failed({ problems: [] }), 'The room is not valid'],
    [
      'all problems if there are any',
      failed({
        problems: [
          { path: 'room.name', message: 'is bad' },
          { path: '', message: 'is worse' },
        ],
      }),
      'room.name: is bad; is worse',
    ],
    [
      'an error that is too long, which is cut',
      failed({ error: { name: 'X', message: 'x'.repeat(1_001) } }),
      `${'x'.repeat(999)}…`,
    ],
    [
      'an error of the maximum length, which is not cut',
      failed({ error: { name: 'X', message: 'x'.repeat(1_000) } }),
      'x'.repeat(1_000),
    ],
  ])('the reason why it has no room: %s', async (_what, completion, error) => {
    const jobId = await begin('a');
    await desk.answer(jobId, [completion]);
    expect(await memberOf(jobId, 'a')).toMatchObject({ outcome: 'failed', reason: 'refused', error });
    expect(await memberOf(jobId, 'a')).not.toHaveProperty('room_arn');
  });
});

test.each(['release-due', 'key-released'] as const)(
  'a completion with the reason %s counts as a failure',
  async (reason) => {
    const jobId = await begin('a', 'b');
    await desk.answer(jobId, [failed({ reason }), made('b')]);
    expect(await memberOf(jobId, 'a')).toMatchObject({ outcome: 'failed', reason });
    expect(await desk.meta(jobId)).toMatchObject({ provisioned: 1, failed: 1, answered: { 'eu-west-1': 2 } });
  },
);

describe('messages for the tracker', () => {
  test('return if their roster is deleted while they are counted', async () => {
    const jobId = await begin('a');
    desk.on(/TransactWriteItems/, () => desk.forget(jobId, 'meta'));
    expect(await desk.answer(jobId, [made('a')])).toEqual([{ done: false, returnsAtMs: START_MS + 2 * SECOND_MS }]);
    expect(counted()).toEqual({
      roster: jobId,
      messages: 1,
      error: expect.objectContaining({ message: `The roster ${jobId} no longer exists` }),
    });
    expect(await memberOf(jobId, 'a')).not.toHaveProperty('outcome');
  });

  test('of an unknown roster are done, which is logged', async () => {
    expect(await desk.answer('nobody', [made('a'), made('b')])).toEqual([{ done: true }, { done: true }]);
    expect(desk.lines).toEqual([
      { level: 'info', text: 'Completions of an unknown roster', fields: { roster: 'nobody', completions: 2 } },
    ]);
  });

  test('of a roster that fails return, and those of another roster are done', async () => {
    const jobId = await begin('a', 'b');
    const other = desk.put('b.csv', 'key\nc\nd\n');
    await desk.tell([other.record]);
    desk.fail(new RegExp(`GetItem .*${jobId}`));
    const messages = [
      { body: JSON.stringify(made('a')), attributes: { roster: jobId } },
      { body: JSON.stringify(made('c')), attributes: { roster: other.jobId } },
      { body: JSON.stringify({ checkRoster: jobId }) },
    ];
    const again = { done: false, returnsAtMs: START_MS + 2 * SECOND_MS };
    expect(await desk.deliver('rosters', messages)).toEqual([again, { done: true }, again]);
    expect(await desk.meta(other.jobId)).toMatchObject({ provisioned: 1 });
  });

  test.each<[string, string, Record<string, string>]>([
    ['a completion without a roster', JSON.stringify(made('a')), {}],
    ['a completion with an empty roster', JSON.stringify(made('a')), { roster: '' }],
    ['a message with a roster that is not a completion', '{"type":"other"}', { roster: 'r' }],
    ['a check with another member', '{"checkRoster":"r","also":1}', {}],
    ['a check for an empty roster', '{"checkRoster":""}', {}],
  ])('are parked if they are unreadable: %s', async (_what, body, attributes) => {
    expect(await desk.deliver('rosters', [{ body, attributes }], { receiveCount: 2 })).toEqual([{ done: true }]);
    expect(desk.parked()).toMatchObject([
      {
        body,
        note: {
          reason: 'unparseable',
          detail: 'is neither a completion with a roster nor a request to check one',
          receiveCount: 2,
        },
      },
    ]);
    expect(desk.lines).toMatchObject([{ level: 'error', fields: { messageId: expect.any(String) } }]);
  });

  test('return if they cannot be parked, and do not prevent the others from being parked', async () => {
    desk.fail(/SendMessage .*parked/);
    const left = await desk.deliver('rosters', [{ body: 'one' }, { body: 'two' }]);
    expect(left).toEqual([{ done: false, returnsAtMs: START_MS + 2 * SECOND_MS }, { done: true }]);
    expect(desk.parked()).toMatchObject([{ body: 'two' }]);
  });

  test('are parked with the reason if they fail for three days', async () => {
    const jobId = await begin('a');
    const old = { sentAtMs: START_MS - 3 * DAY_MS - 1 };
    desk.fail(/GetItem/);
    expect(await desk.answer(jobId, [made('a')], old)).toEqual([{ done: true }]);
    expect(desk.parked()).toMatchObject([
      { note: { reason: 'unfinished', detail: expect.stringMatching(/ECONNREFUSED/) } },
    ]);
    desk.fail(/SendMessage/);
    await desk.deliver('rosters', [{ body: 'what?' }], old);
    expect(desk.parked()).toMatchObject([
      {},
      { body: 'what?', note: { reason: 'unfinished', detail: expect.stringMatching(/ECONNREFUSED/) } },
    ]);
  });
});
