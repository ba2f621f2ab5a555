import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { REGIONS, type Region } from '../../lib/contract/regions.ts';
import { ownTags } from '../../lib/provisioning/room-tags.ts';
import type { SweepSummary } from '../../lib/provisioning/sweep-rooms.ts';
import { REGION } from '../support/provisioning.ts';
import { openSweeping, SAFE_AGE_SECONDS, type Sweeping } from '../support/sweeping.ts';

const ELSEWHERE: Region = 'ap-northeast-2';

let stack: Sweeping;
let key: string;
let number = 0;

beforeAll(async () => {
  stack = await openSweeping();
});
afterAll(() => stack.close());
beforeEach(() => {
  key = `key-${++number}`;
  stack.ivsChat.reset();
});

/** Makes requests through the real provision-rooms until they are answered. @returns the ledger item of the key */
async function provision(idempotencyKey = key, region: Region = REGION) {
  await stack.send([{ idempotencyKey, room: { name: 'hall' }, region }]);
  await stack.deliver();
  return itemOf(idempotencyKey);
}

async function itemOf(idempotencyKey: string) {
  const item = await stack.ledgerItem(idempotencyKey);
  if (item === undefined) throw new Error('The key has no item');
  return item;
}

/** The next CreateRoom is refused, so that its key fails. */
function refuseNext(): void {
  const members = { reason: 'OTHER' };
  stack.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException', members } });
}

async function forget(idempotencyKey: string): Promise<void> {
  const Key = { id: { S: ledgerKey(idempotencyKey) } };
  await stack.clients.dynamodb.send(new DeleteItemCommand({ TableName: 'ledger', Key }));
}

const tagsOf = (item: { id: string; claim_id: string; generation: number }) => ownTags(item, 'test');
const rooms = () =>
  stack.ivsChat
    .rooms()
    .map(({ arn }) => arn)
    .toSorted();
const inRegion = ({ regions }: SweepSummary, wanted: Region = REGION) =>
  regions.find(({ region }) => region === wanted);
const none = { owned: 0, undecided: 0, extra: 0, unknown: 0 };
const untouched = { deleted: 0, gone: 0, tooYoung: 0, failed: 0 };

describe('a room is found to be', () => {
  test('owned, if the ledger names it', async () => {
    await provision();
    expect(inRegion(await stack.sweep())).toEqual({
      region: REGION,
      ended: 'complete',
      listed: 1,
      verdicts: { ...none, owned: 1 },
      deletions: untouched,
    });
  });

  test('undecided, while its request may still adopt it', async () => {
    stack.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    stack.ivsChat.inject({ operation: 'ListRooms', fault: { error: 'ThrottlingException' } });
    expect((await provision()).decision).toBeUndefined();
    expect(inRegion(await stack.sweep({ deletes: true }))?.verdicts).toEqual({ ...none, undecided: 1 });
    expect(rooms()).toHaveLength(1);
    await stack.deliverAll();
    expect((await itemOf(key)).decision).toBe('room');
  });

  test('extra, if the generation that made it has another room', async () => {
    await stack.makeRoom(tagsOf(await provision()));
    expect(inRegion(await stack.sweep())?.verdicts).toEqual({ ...none, owned: 1, extra: 1 });
  });

  test('extra, if the generation that made it failed', async () => {
    refuseNext();
    const failed = await provision();
    expect(failed.decision).toBe('failed');
    await stack.makeRoom(tagsOf(failed));
    expect(inRegion(await stack.sweep())?.verdicts).toEqual({ ...none, extra: 1 });
  });

  test('extra, if an earlier generation made it', async () => {
    refuseNext();
    const first = await provision();
    const second = await provision();
    expect([first.generation, second.generation, second.decision]).toEqual([0, 1, 'room']);
    await stack.makeRoom(tagsOf(first));
    expect(inRegion(await stack.sweep())?.verdicts).toEqual({ ...none, owned: 1, extra: 1 });
  });

  test.each<[string, (item: { id: string }) => Record<string, string>]>([
    ['of a claim that its key does not have', ({ id }) => tagsOf({ id, claim_id: 'another', generation: 0 })],
    ['of a key without an item', () => tagsOf({ id: ledgerKey('never'), claim_id: 'c', generation: 0 })],
    ['whose key tag is none of ours', () => tagsOf({ id: 'by hand', claim_id: 'c', generation: 0 })],
    ['that has nothing but our stage', () => ({ 'greenroom:stage': 'test' })],
  ])('unknown: one %s', async (_which, tags) => {
    await stack.makeRoom(tags(await provision()));
    const before = rooms();
    expect(inRegion(await stack.sweep({ deletes: true }))?.verdicts).toEqual({ ...none, owned: 1, unknown: 1 });
    expect(rooms()).toEqual(before);
  });

  test('unknown, if the item can not be read; with it restored the same room is extra', async () => {
    const item = await provision();
    await stack.makeRoom(tagsOf(item));
    const verdicts = async () => inRegion(await stack.sweep())?.verdicts;
    expect(await verdicts()).toEqual({ ...none, owned: 1, extra: 1 });
    await stack.damageItem(item.id);
    expect(await verdicts()).toEqual({ ...none, unknown: 2 });
  });

  test('nobody’s business: of another stage, or without our tags', async () => {
    const item = await provision();
    await stack.makeRoom(ownTags(item, 'prod'));
    await stack.makeRoom({ event: 'final' });
    await stack.makeRoom({});
    const before = rooms();
    expect(inRegion(await stack.sweep({ deletes: true }))).toMatchObject({
      listed: 4,
      verdicts: { ...none, owned: 1 },
    });
    expect(rooms()).toEqual(before);
  });
});

describe('deleting', () => {
  test('is off unless SWEEP_DELETE says so: extra rooms are counted and left', async () => {
    await stack.makeRoom(tagsOf(await provision()));
    const before = rooms();
    const summary = await stack.sweep();
    expect([summary.deletes, inRegion(summary)?.verdicts.extra]).toEqual([false, 1]);
    expect(inRegion(summary)?.deletions).toEqual(untouched);
    expect([rooms(), stack.callsOf('DeleteRoom')]).toEqual([before, 0]);
  });

  test('takes exactly the extra rooms above the safe age, in every region', async () => {
    const item = await provision();
    const other = await provision(`${key}-elsewhere`, ELSEWHERE);
    const extra = [
      await stack.makeRoom(tagsOf(item)),
      await stack.makeRoom(tagsOf(item), { agoMs: SAFE_AGE_SECONDS * 1000 + 1_000 }),
      await stack.makeRoom(tagsOf(other), { region: ELSEWHERE }),
    ];
    await stack.makeRoom(tagsOf(item), { agoMs: SAFE_AGE_SECONDS * 1000 - 10_000 });
    await stack.makeRoom(tagsOf({ ...item, claim_id: 'another' }));
    await stack.makeRoom(ownTags(item, 'prod'));
    const kept = rooms().filter((arn) => !extra.includes(arn));
    const summary = await stack.sweep({ deletes: true });
    expect([summary.deletes, rooms()]).toEqual([true, kept]);
    expect(kept).toHaveLength(5);
    expect(inRegion(summary)?.verdicts).toEqual({ ...none, owned: 1, extra: 3, unknown: 1 });
    expect(inRegion(summary)?.deletions).toEqual({ ...untouched, deleted: 2, tooYoung: 1 });
    expect(inRegion(summary, ELSEWHERE)?.deletions).toEqual({ ...untouched, deleted: 1 });
  });

  test('sweep-after-ttl: a room of the key’s former life is unknown, and stays', async () => {
    const former = await provision();
    await forget(key);
    const item = await provision();
    expect(item.claim_id).not.toBe(former.claim_id);
    const before = rooms();
    expect(before).toHaveLength(2);
    expect(inRegion(await stack.sweep({ deletes: true }))?.verdicts).toEqual({ ...none, owned: 1, unknown: 1 });
    expect(rooms()).toEqual(before);
    // The control: the same sweep takes a room that the present claim has made too many.
    await stack.makeRoom(tagsOf(item));
    expect(inRegion(await stack.sweep({ deletes: true }))?.deletions).toEqual({ ...untouched, deleted: 1 });
    expect(rooms()).toEqual(before);
  });

  test('a room that is gone already is no failure', async () => {
    await stack.makeRoom(tagsOf(await provision()));
    stack.ivsChat.inject({ operation: 'DeleteRoom', fault: { error: 'ResourceNotFoundException' } });
    expect(inRegion(await stack.sweep({ deletes: true }))).toMatchObject({
      ended: 'complete',
      deletions: { ...untouched, gone: 1 },
    });
  });

  test('what fails is left to the next sweep', async () => {
    const item = await provision();
    await stack.makeRoom(tagsOf(item));
    await stack.makeRoom(tagsOf(item));
    stack.ivsChat.inject({ operation: 'DeleteRoom', fault: { error: 'AccessDeniedException' } });
    const sweeps = [await stack.sweep({ deletes: true }), await stack.sweep({ deletes: true })];
    expect(sweeps.map((summary) => inRegion(summary)?.deletions)).toEqual([
      { ...untouched, deleted: 1, failed: 1 },
      { ...untouched, deleted: 1 },
    ]);
    expect(rooms()).toHaveLength(1);
  });
});

describe('going through the regions', () => {
  test('lists all pages of all of them, each call in a slot of the shared pace', async () => {
    const item = await provision();
    for (let count = 0; count < 120; count++) await stack.makeRoom({ number: String(count) });
    const oldest = await stack.makeRoom(tagsOf(item), { agoMs: 6_000_000 });
    const summary = await stack.sweep({ deletes: true });
    expect(inRegion(summary)).toMatchObject({
      ended: 'complete',
      listed: 122,
      verdicts: { ...none, owned: 1, extra: 1 },
    });
    expect(rooms()).not.toContain(oldest);
    expect(summary.regions.map(({ region }) => region).toSorted()).toEqual(REGIONS.toSorted());
    expect(REGIONS.map((region) => stack.callsOf('ListRooms', region))).toEqual(
      REGIONS.map((region) => (region === REGION ? 3 : 1)),
    );
    const paced = await Promise.all(REGIONS.map((region) => stack.paceOf('ListRooms', region)));
    expect([...paced, await stack.paceOf('DeleteRoom', REGION)]).not.toContain(undefined);
  });

  test('asks again for a page that fails', async () => {
    await provision();
    stack.ivsChat.inject({ operation: 'ListRooms', region: REGION, times: 2, fault: { error: 'ThrottlingException' } });
    expect(inRegion(await stack.sweep())).toMatchObject({ ended: 'complete', verdicts: { ...none, owned: 1 } });
  });

  test('goes on to the others where one can not be listed', async () => {
    await stack.makeRoom(tagsOf(await provision()));
    const { nextRegion: first } = await stack.sweep();
    stack.ivsChat.inject({
      operation: 'ListRooms',
      region: first,
      times: 3,
      fault: { error: 'AccessDeniedException' },
    });
    const { regions } = await stack.sweep();
    expect(regions[0]).toMatchObject({ region: first, ended: 'failed', error: 'AccessDeniedException' });
    expect(regions.slice(1).map(({ ended }) => ended)).toEqual(REGIONS.slice(1).map(() => 'complete'));
  });

  test('stops where the deadline is reached, says so, and begins behind it the next time', async () => {
    const { regions } = await stack.sweep();
    const [begun, slow, behind] = regions.map(({ region }) => region);
    if (begun === undefined || slow === undefined || behind === undefined) throw new Error('There are seven regions');
    for (let count = 0; count < 51; count++) await stack.makeRoom({}, { region: slow });
    stack.ivsChat.inject({ operation: 'ListRooms', region: slow, fault: { latencyMs: 800 } });
    const cut = await stack.sweep({ timeMs: 700 });
    expect(cut).toMatchObject({
      regions: [
        { region: begun, ended: 'complete' },
        { region: slow, ended: 'deadline', listed: 50 },
      ],
      stoppedIn: slow,
      nextRegion: behind,
    });
    const next = await stack.sweep();
    expect(next.regions[0]?.region).toBe(behind);
    expect(next.regions.map(({ ended }) => ended)).toEqual(REGIONS.map(() => 'complete'));
    expect(next).not.toHaveProperty('stoppedIn');
  });

  test('a region that there was no time to begin is the first of the next sweep', async () => {
    const { nextRegion } = await stack.sweep();
    const calls = stack.callsOf('ListRooms');
    expect(await stack.sweep({ timeMs: -1 })).toMatchObject({
      regions: [{ region: nextRegion, ended: 'deadline', listed: 0 }],
      stoppedIn: nextRegion,
      nextRegion,
    });
    expect(stack.callsOf('ListRooms')).toBe(calls);
  });
});
