import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readRoster } from '../../../lib/rosters/roster-states.ts';
import { madeRoom, noRoom } from '../../support/completions.ts';
import { must } from '../../support/must.ts';
import { openRosters, type Rosters } from '../../support/rosters.ts';
import { type BulkCase, caseOf, later, recorded } from '../release.ts';

const cases = recorded('bulk');

let stack: Rosters;
beforeAll(async () => {
  stack = await openRosters();
});
afterAll(() => stack.close());
beforeEach(() => stack.purge());

/** Restores the bucket and the roster table as the release left them, as if that were now. */
async function restore(name: string): Promise<BulkCase> {
  const found = caseOf(cases, name);
  const { manifest, items, recordedAtMs, jobId } = found;
  const put = await stack.putManifest(manifest.key.replace('manifests/', ''), manifest.body, manifest.metadata);
  expect(put.jobId).toBe(jobId);
  await stack.remove('manifests', put.notices);
  for (const item of items) {
    const Item = later(item, Date.now() - recordedAtMs);
    await stack.dynamoDb.send(new PutItemCommand({ TableName: 'rosters', Item }));
  }
  for (const { body, attributes } of found.waitingForTracker) {
    const values = Object.entries(attributes).map(([key, StringValue]) => [key, { DataType: 'String', StringValue }]);
    const MessageAttributes = Object.fromEntries(values);
    const QueueUrl = stack.urlOf('rosters');
    await stack.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }));
  }
  return found;
}

/** Delivers S3's notice again. @returns how many messages are done */
async function notify({ notice }: BulkCase): Promise<number> {
  await stack.sqs.send(new SendMessageCommand({ QueueUrl: stack.urlOf('manifests'), MessageBody: notice }));
  const messages = await stack.receive('manifests', 10);
  const done = await stack.handle('manifests', messages);
  await stack.remove('manifests', messages);
  return done.length;
}

const stateOf = async ({ jobId }: BulkCase) => must(await readRoster(stack.table, jobId));
const keysAsked = async () => (await stack.requests()).map(({ request }) => request.idempotencyKey);
const keysSent = ({ requests }: BulkCase) => requests.map(({ body }) => JSON.parse(body).idempotencyKey);
const announcements = async (type: string) => (await stack.events()).filter((event) => event.type.includes(type));

describe('a bulk job of release 0.1.0 continues', () => {
  test('leased, nothing checked: its reader keeps the lease, and then another reader begins', async () => {
    const job = await restore('leased, nothing checked');
    expect(await notify(job)).toBe(0);
    await stack.endLease(job.jobId);
    expect(await notify(job)).toBe(1);
    expect(await keysAsked()).toHaveLength(3);
    expect(await stateOf(job)).toMatchObject({ state: 'sealed', members: 3, rows: 6 });
  });

  test('checked, nothing sent: everything is sent', async () => {
    const job = await restore('checked, nothing sent');
    await stack.endLease(job.jobId);
    expect(await notify(job)).toBe(1);
    expect(await keysAsked()).toHaveLength(3);
    expect(await stateOf(job)).toMatchObject({ state: 'sealed', members: 3, invalid_rows: 2, repeated_rows: 1 });
  });

  test('sent in part: it continues at its checkpoint, and sends no row again', async () => {
    const job = await restore('sent in part');
    await stack.endLease(job.jobId);
    expect(await notify(job)).toBe(1);
    const [sent, asked] = [keysSent(job), await keysAsked()];
    expect([sent.length, asked.length]).toEqual([100, 30]);
    expect(new Set([...sent, ...asked]).size).toBe(130);
    expect(await stateOf(job)).toMatchObject({ state: 'sealed', members: 130, rows: 130 });
  });

  test.each(['sealed', 'counted in part'])('%s: no row is sent again, and it completes', async (name) => {
    const job = await restore(name);
    expect(await notify(job)).toBe(1);
    expect(await keysAsked()).toEqual([]);
    const [first = '', ...others] = keysSent(job).toSorted().toReversed();
    await stack.publish(job.jobId, [madeRoom(first), madeRoom(first), ...others.map((key) => noRoom(key))]);
    await stack.deliverAll('rosters');
    expect(await stateOf(job)).toMatchObject({ state: 'announced', members: 3, provisioned: 1, failed: 2 });
    const [event] = await announcements('completed');
    expect(event?.data).toMatchObject({ rows: { total: 6, invalid: 2, repeated: 1 } });
  });

  test('reported: outcomes that arrive again count once, and it is announced', async () => {
    const job = await restore('reported');
    await stack.deliverAll('rosters');
    expect(await stateOf(job)).toMatchObject({ state: 'announced', members: 2, provisioned: 1, failed: 1 });
    expect(await announcements('completed')).toHaveLength(1);
  });

  test('announced: nothing more happens', async () => {
    const job = await restore('announced');
    expect(await notify(job)).toBe(1);
    await stack.deliverAll('rosters');
    expect(await keysAsked()).toEqual([]);
    expect(await announcements('completed')).toEqual([]);
    expect(await stateOf(job)).toMatchObject({
      state: 'announced',
      bulk: { name: 'spring' },
      provisioned: 2,
      failed: 1,
    });
  });

  test('refused, and unchanged: it stays refused', async () => {
    const job = await restore('refused');
    expect(await notify(job)).toBe(1);
    expect(await keysAsked()).toEqual([]);
    expect(await stateOf(job)).toMatchObject({ state: 'refused' });
  });

  test('refused, because the object was deleted: its item can be read, and its notice is done', async () => {
    const job = await restore('refused, vanished');
    expect((await stateOf(job)).problems).toHaveLength(1);
    expect(await notify(job)).toBe(1);
  });
});
