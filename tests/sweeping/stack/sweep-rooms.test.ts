import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { REGIONS, type Region } from '../../../lib/contract/regions.ts';
import { ownTags, STAGE_TAG } from '../../../lib/ledger/room-tags.ts';
import { REGION } from '../../support/gateway-clients.ts';
import {
  DEPLOYED,
  DEPLOYED_ELSEWHERE,
  inRegion,
  openSweeping,
  SAFE_AGE_SECONDS,
  type Sweeping,
  tagsOf,
} from '../../support/sweeping.ts';

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

/** Makes IVS Chat refuse the next CreateRoom, so that its key fails. */
function refuseNext(): void {
  const members = { reason: 'OTHER' };
  stack.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException', members } });
}

const none = { owned: 0, overdue: 0, survivor: 0, undecided: 0, extra: 0, unknown: 0 };
const untouched = { deleted: 0, gone: 0, tooYoung: 0, failed: 0 };

describe('the verdict on a room is', () => {
  test('owned if the ledger names it', async () => {
    await stack.provision(key);
    expect(inRegion(await stack.sweep())).toEqual({
      region: REGION,
      ended: 'complete',
      listed: 1,
      verdicts: { ...none, owned: 1 },
      deletions: untouched,
    });
  });

  test('undecided while its request may still adopt it', async () => {
    stack.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    stack.ivsChat.inject({ operation: 'ListRooms', fault: { error: 'ThrottlingException' } });
    expect((await stack.provision(key)).decision).toBeUndefined();
    expect(inRegion(await stack.sweep({ deletes: true }))?.verdicts).toEqual({ ...none, undecided: 1 });
    expect(stack.rooms()).toHaveLength(1);
    await stack.deliverAll();
    expect((await stack.itemOf(key)).decision).toBe('room');
  });

  test('extra if the generation that created it has another room', async () => {
    await stack.makeRoom(tagsOf(await stack.provision(key)));
    expect(inRegion(await stack.sweep())?.verdicts).toEqual({ ...none, owned: 1, extra: 1 });
  });

  test('extra if the generation that created it failed', async () => {
    refuseNext();
    const failed = await stack.provision(key);
    expect(failed.decision).toBe('failed');
    await stack.makeRoom(tagsOf(failed));
    expect(inRegion(await stack.sweep())?.verdicts).toEqual({ ...none, extra: 1 });
  });

  test('extra if an earlier generation created it', async () => {
    refuseNext();
    const first = await stack.provision(key);
    const second = await stack.provision(key);
    expect([first.generation, second.generation, second.decision]).toEqual([0, 1, 'room']);
    await stack.makeRoom(tagsOf(first));
    expect(inRegion(await stack.sweep())?.verdicts).toEqual({ ...none, owned: 1, extra: 1 });
  });

  test.each<[string, (item: { id: string }) => Record<string, string>]>([
    [
      'has the tag of a claim that its key does not have',
      ({ id }) => tagsOf({ id, claim_id: 'another', generation: 0 }),
    ],
    ['belongs to a key without an item', () => tagsOf({ id: ledgerKey('never'), claim_id: 'c', generation: 0 })],
    ['has an invalid key tag', () => tagsOf({ id: 'by hand', claim_id: 'c', generation: 0 })],
    ['has no tag except that of the stage', () => ({ 'greenroom:stage': 'test' })],
  ])('unknown if it %s', async (_which, tags) => {
    await stack.makeRoom(tags(await stack.provision(key)));
    const before = stack.rooms();
    expect(inRegion(await stack.sweep({ deletes: true }))?.verdicts).toEqual({ ...none, owned: 1, unknown: 1 });
    expect(stack.rooms()).toEqual(before);
  });

  test('unknown if the item of its key is unreadable, even if it was extra before', async () => {
    const item = await stack.provision(key);
    await stack.makeRoom(tagsOf(item));
    const verdicts = async () => inRegion(await stack.sweep())?.verdicts;
    expect(await verdicts()).toEqual({ ...none, owned: 1, extra: 1 });
    await stack.damage(key);
    expect(await verdicts()).toEqual({ ...none, unknown: 2 });
  });

  test('missing if it belongs to another stage, to this stage in another region, or has no tags of greenroom', async () => {
    const item = await stack.provision(key);
    await stack.makeRoom(ownTags(item, { ...DEPLOYED, stage: 'prod' }));
    await stack.makeRoom(ownTags(item, DEPLOYED_ELSEWHERE));
    await stack.makeRoom({ event: 'final' });
    await stack.makeRoom({});
    const before = stack.rooms();
    expect(inRegion(await stack.sweep({ deletes: true }))).toMatchObject({
      listed: 5,
      verdicts: { ...none, owned: 1 },
    });
    expect(stack.rooms()).toEqual(before);
  });
});

describe('one stage in two regions, each with its own ledger', () => {
  test('each sweep judges its own rooms only, in all regions', async () => {
    const item = await stack.provision(key);
    await stack.makeRoom(tagsOf(item));
    await stack.makeRoom(ownTags(item, DEPLOYED_ELSEWHERE), { region: ELSEWHERE });
    const ours = await stack.sweep();
    expect(inRegion(ours)).toMatchObject({ listed: 2, verdicts: { ...none, owned: 1, extra: 1 } });
    expect(inRegion(ours, ELSEWHERE)).toMatchObject({ listed: 1, verdicts: none });
    const before = stack.rooms();
    const theirs = await stack.sweepElsewhere();
    expect(inRegion(theirs)).toMatchObject({ listed: 2, verdicts: none });
    // Their ledger is empty, so even their own room is unknown to them.
    expect(inRegion(theirs, ELSEWHERE)).toMatchObject({ listed: 1, verdicts: { ...none, unknown: 1 } });
    expect([theirs.deletes, stack.rooms()]).toEqual([true, before]);
  });

  test('a room that release 0.1.0 tagged is judged by both, and deleted only by the one whose ledger knows its claim', async () => {
    const { [STAGE_TAG]: _tag, ...tags } = tagsOf(await stack.provision(key));
    const extra = await stack.makeRoom({ ...tags, [STAGE_TAG]: DEPLOYED.stage });
    expect(inRegion(await stack.sweepElsewhere())?.verdicts).toEqual({ ...none, unknown: 1 });
    expect(stack.rooms()).toContain(extra);
    expect(inRegion(await stack.sweep({ deletes: true }))?.verdicts).toEqual({ ...none, owned: 1, extra: 1 });
    expect(stack.rooms()).not.toContain(extra);
  });
});

describe('deleting', () => {
  test('is off unless GREENROOM_SWEEP_DELETE is set, so that extra rooms are only counted', async () => {
    await stack.makeRoom(tagsOf(await stack.provision(key)));
    const before = stack.rooms();
    const summary = await stack.sweep();
    expect([summary.deletes, inRegion(summary)?.verdicts.extra]).toEqual([false, 1]);
    expect(inRegion(summary)?.deletions).toEqual(untouched);
    expect([stack.rooms(), stack.callsOf('DeleteRoom')]).toEqual([before, 0]);
  });

  test('deletes exactly the extra rooms above the safe age in every region', async () => {
    const item = await stack.provision(key);
    const other = await stack.provision(`${key}-elsewhere`, ELSEWHERE);
    const extra = [
      await stack.makeRoom(tagsOf(item)),
      await stack.makeRoom(tagsOf(item), { agoMs: SAFE_AGE_SECONDS * 1000 + 1_000 }),
      await stack.makeRoom(tagsOf(other), { region: ELSEWHERE }),
    ];
    await stack.makeRoom(tagsOf(item), { agoMs: SAFE_AGE_SECONDS * 1000 - 10_000 });
    await stack.makeRoom(tagsOf({ ...item, claim_id: 'another' }));
    await stack.makeRoom(ownTags(item, { ...DEPLOYED, stage: 'prod' }));
    const kept = stack.rooms().filter((arn) => !extra.includes(arn));
    const summary = await stack.sweep({ deletes: true });
    expect([summary.deletes, stack.rooms()]).toEqual([true, kept]);
    expect(kept).toHaveLength(5);
    expect(inRegion(summary)?.verdicts).toEqual({ ...none, owned: 1, extra: 3, unknown: 1 });
    expect(inRegion(summary)?.deletions).toEqual({ ...untouched, deleted: 2, tooYoung: 1 });
    expect(inRegion(summary, ELSEWHERE)?.deletions).toEqual({ ...untouched, deleted: 1 });
  });

  test('keeps a room of an earlier life of the key, which is unknown (sweep-after-ttl)', async () => {
    const former = await stack.provision(key);
    await stack.forget(key);
    const item = await stack.provision(key);
    expect(item.claim_id).not.toBe(former.claim_id);
    const before = stack.rooms();
    expect(before).toHaveLength(2);
    expect(inRegion(await stack.sweep({ deletes: true }))?.verdicts).toEqual({ ...none, owned: 1, unknown: 1 });
    expect(stack.rooms()).toEqual(before);
    // Control: the same sweep deletes an extra room of the current claim.
    await stack.makeRoom(tagsOf(item));
    expect(inRegion(await stack.sweep({ deletes: true }))?.deletions).toEqual({ ...untouched, deleted: 1 });
    expect(stack.rooms()).toEqual(before);
  });

  test('counts a room that no longer exists as gone, and not as failed', async () => {
    await stack.makeRoom(tagsOf(await stack.provision(key)));
    stack.ivsChat.inject({ operation: 'DeleteRoom', fault: { error: 'ResourceNotFoundException' } });
    expect(inRegion(await stack.sweep({ deletes: true }))).toMatchObject({
      ended: 'complete',
      deletions: { ...untouched, gone: 1 },
    });
  });

  test('leaves a room whose deletion fails to the next sweep', async () => {
    const item = await stack.provision(key);
    await stack.makeRoom(tagsOf(item));
    await stack.makeRoom(tagsOf(item));
    stack.ivsChat.inject({ operation: 'DeleteRoom', fault: { error: 'AccessDeniedException' } });
    const sweeps = [await stack.sweep({ deletes: true }), await stack.sweep({ deletes: true })];
    expect(sweeps.map((summary) => inRegion(summary)?.deletions)).toEqual([
      { ...untouched, deleted: 1, failed: 1 },
      { ...untouched, deleted: 1 },
    ]);
    expect(stack.rooms()).toHaveLength(1);
  });
});

describe('a sweep reports', () => {
  test('each extra and each unknown room in its own log line, and no other rooms', async () => {
    const item = await stack.provision(key);
    const extra = await stack.makeRoom(tagsOf(item));
    const unknown = await stack.makeRoom(tagsOf({ ...item, claim_id: 'another' }), { agoMs: 60_000 });
    const lines = (await stack.report()).filter(({ arn }) => arn !== undefined);
    const common = { region: REGION, ledgerKey: ledgerKey(key), ageSeconds: expect.any(Number) };
    expect(lines).toHaveLength(2);
    expect(lines).toContainEqual(expect.objectContaining({ ...common, level: 'warn', verdict: 'extra', arn: extra }));
    expect(lines).toContainEqual(
      expect.objectContaining({ ...common, level: 'info', verdict: 'unknown', arn: unknown }),
    );
    const ages = lines.map(({ ageSeconds }) => Math.floor(Number(ageSeconds) / 60));
    expect(ages.toSorted()).toEqual([1, 60]);
  });

  test('each room that should have been released, with the times of its release, and deletes none of them', async () => {
    const wish = { schema_version: 2, release_at: 1_000, release_wished_at: 1, release_due_at: 1_000 };
    const released = { ...wish, release_marked_at: 2_000, released_event: '{}', released_at: 3_000 };
    const overdue = await stack.provision(key);
    const survivor = await stack.provision(`${key}-released`);
    await stack.change(key, { ...wish, decided_at: 1_000 });
    await stack.change(`${key}-released`, released);
    const lines = await stack.report();
    const common = { level: 'warn', region: REGION, dueAt: '1970-01-01T00:00:01.000Z' };
    expect(lines).toContainEqual(expect.objectContaining({ ...common, verdict: 'overdue', ledgerKey: overdue.id }));
    expect(lines).toContainEqual(
      expect.objectContaining({
        ...common,
        verdict: 'survivor',
        ledgerKey: survivor.id,
        markedAt: '1970-01-01T00:00:02.000Z',
        releasedAt: '1970-01-01T00:00:03.000Z',
      }),
    );
    const swept = inRegion(await stack.sweep({ deletes: true }));
    expect(swept).toMatchObject({ verdicts: { ...none, overdue: 1, survivor: 1 }, deletions: untouched });
    expect(stack.rooms()).toHaveLength(2);
  });

  test('why an item is unreadable', async () => {
    await stack.provision(key);
    await stack.damage(key);
    const [line] = (await stack.report()).filter(({ arn }) => arn !== undefined);
    expect(line).toMatchObject({ verdict: 'unknown', damage: expect.stringContaining('schema_version') });
  });

  test('the counts of every region', async () => {
    await stack.provision(key);
    const lines = (await stack.report()).filter(({ arn }) => arn === undefined);
    expect(lines.map(({ region }) => region).toSorted()).toEqual(REGIONS.toSorted());
    expect(lines).toContainEqual(
      expect.objectContaining({ region: REGION, ended: 'complete', listed: 1, verdicts: { ...none, owned: 1 } }),
    );
  });
});
