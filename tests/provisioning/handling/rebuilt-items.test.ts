import { GetRoomCommand, UpdateRoomCommand } from '@aws-sdk/client-ivschat';
import { marshall } from '@aws-sdk/util-dynamodb';
import { beforeEach, expect, test } from '@jest/globals';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { createLedger } from '../../../lib/ledger/ledger.ts';
import { lagBehind, rebuildChange } from '../../../lib/ledger/rebuild-item.ts';
import { openTables } from '../../../lib/platform/tables.ts';
import { type Bench, createBench, DAY_MS } from '../../support/memory-bench.ts';
import { REGION } from '../../support/memory-services.ts';
import { must } from '../../support/must.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
const HOUR_MS = 3_600_000;

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

/** Rebuilds the item of a key, as the command does after a restore. */
async function rebuild(idempotencyKey = 'key'): Promise<void> {
  const room = must(bench.ivsChat.rooms().find(({ tags }) => tags['greenroom:key'] === ledgerKey(idempotencyKey)));
  const proof = {
    arn: room.arn,
    tags: room.tags,
    region: REGION,
    createdAtMs: Date.parse(room.createTime),
    isNew: true,
  };
  expect(lagBehind(proof, undefined)).toBe('missing');
  const ledger = createLedger(openTables(bench.services.clients.dynamodb, bench.clock), 'ledger');
  await ledger.write(ledgerKey(idempotencyKey), rebuildChange(proof, undefined, 'missing'));
}

/** A request got its room. An hour later, the ledger has forgotten it, and was rebuilt. */
async function restoreAfter(request: { idempotencyKey: string }): Promise<void> {
  await bench.handle(bench.memberRecord(request));
  bench.pass(HOUR_MS);
  await bench.removeItem(request.idempotencyKey);
  await rebuild(request.idempotencyKey);
}

test('the first request after a restore gets the room, under the id under which it was published before', async () => {
  await restoreAfter(REQUEST);
  const repeated = bench.record({ ...REQUEST, tenant: 'second' });
  expect(await bench.handle(repeated)).toMatchObject({ kind: 'answered', how: 'created' });
  const [before, after] = bench.completions();
  expect([after.id, after.data.room, after.data.outcome]).toEqual([before.id, before.data.room, 'created']);
  expect(after.data.tenant).toBe('second');
  expect(bench.stored('key')).toMatchObject({ status: 'COMPLETED', decision: 'room', generation: 0 });
  expect(bench.callsOf('ListRooms')).toEqual([]);
  expect(bench.ivsChat.rooms()).toHaveLength(1);
});

test('the payload of the first request is that of the key: another one is answered as a reused key', async () => {
  await restoreAfter(REQUEST);
  await bench.handle(bench.record({ ...REQUEST, room: { name: 'studio' } }));
  await bench.handle(bench.record(REQUEST));
  expect(bench.completions().map(({ data }) => data.outcome)).toEqual(['created', 'created', 'failed']);
  expect(bench.completions().at(-1).data.reason).toBe('key-reused-with-different-payload');
});

test('a request that names another region has another payload: it is answered as a reused key, and changes nothing', async () => {
  await restoreAfter(REQUEST);
  const before = bench.stored('key');
  await bench.handle(bench.record({ ...REQUEST, region: 'us-west-2' }));
  expect(bench.completions().at(-1).data.reason).toBe('key-reused-with-different-payload');
  expect(bench.stored('key')).toEqual(before);
});

test('a request that must not begin anything does not set the payload', async () => {
  const member = { idempotencyKey: 'bulk/rooms/1', room: { name: 'hall' } };
  await restoreAfter(member);
  const before = bench.stored(member.idempotencyKey);
  await bench.handle(bench.record(member));
  expect(bench.completions().at(-1).data.reason).toBe('invalid-request');
  expect(bench.stored(member.idempotencyKey)).toEqual(before);
  await bench.handle(bench.memberRecord(member));
  expect(bench.completions().at(-1).data.outcome).toBe('created');
});

test('a room that was renamed is found', async () => {
  await restoreAfter(REQUEST);
  const { arn: identifier } = must(bench.ivsChat.rooms()[0]);
  await bench.services.clients.ivsChat(REGION).send(new UpdateRoomCommand({ identifier, name: 'studio' }));
  await bench.handle(bench.record(REQUEST));
  expect(bench.completions().at(-1).data).toMatchObject({ outcome: 'created', room: { arn: identifier } });
});

test.each([
  ['a dead letter', { neededBy: undefined }, { deadLetters: true }],
  ['a request that is no longer needed', { neededBy: new Date(Date.UTC(2026, 0, 1) + 1).toISOString() }, {}],
])('%s is answered with the room, too (rule RESOLVE)', async (_what, changes, how) => {
  await restoreAfter(REQUEST);
  await bench.handle(bench.record({ ...REQUEST, ...changes }), how);
  expect(bench.completions().at(-1).data).toMatchObject({ outcome: 'created' });
});

test('while the room cannot be read, the request waits', async () => {
  await restoreAfter(REQUEST);
  bench.ivsChat.inject({ operation: 'GetRoom', fault: { error: 'InternalServerException', status: 500 } });
  expect(await bench.handle(bench.record(REQUEST))).toMatchObject({ kind: 'postponed', reason: 'reconcile-failed' });
  bench.pass(HOUR_MS);
  await bench.handle(bench.record(REQUEST));
  expect(bench.completions().at(-1).data.outcome).toBe('created');
  expect(bench.ivsChat.rooms()).toHaveLength(1);
});

test('if the room was deleted, the new room is published under a new id (rule ID)', async () => {
  await restoreAfter(REQUEST);
  bench.ivsChat.reset();
  await bench.handle(bench.record(REQUEST));
  const [before, after] = bench.completions();
  expect([before.data.outcome, after.data.outcome]).toEqual(['created', 'created']);
  expect(after.id).not.toBe(before.id);
  // The sweep finds the new room's item by this tag.
  const { claim_id, generation } = bench.stored('key');
  expect(bench.ivsChat.rooms()[0]?.tags['greenroom:claim']).toBe(`${claim_id}.${generation}`);
});

test('a room that somebody has deleted is created again, and the next generation does not refer to the deleted one', async () => {
  await restoreAfter(REQUEST);
  bench.ivsChat.reset();
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' } });
  await bench.handle(bench.record(REQUEST));
  expect(bench.stored('key')).toMatchObject({ decision: 'failed' });
  expect(bench.stored('key')).not.toHaveProperty('rebuilt_from');
  bench.pass(DAY_MS);
  await bench.handle(bench.record(REQUEST));
  const { room } = bench.completions().at(-1).data;
  const client = bench.services.clients.ivsChat(REGION);
  expect(await client.send(new GetRoomCommand({ identifier: room.arn }))).toMatchObject({ name: 'hall' });
});

test('control: an item without a payload that was not rebuilt is damaged, and no request claims it', async () => {
  await bench.handle(bench.record(REQUEST));
  const { payload_hash, ...item } = bench.stored('key');
  const { decision, completion, decided_at, room_arn, expires_at, ...undecided } = item;
  await bench.putItem('ledger', marshall({ ...undecided, status: 'INPROGRESS' }));
  expect(await bench.handle(bench.record(REQUEST))).toMatchObject({ kind: 'parked', reason: 'damaged-item' });
});
