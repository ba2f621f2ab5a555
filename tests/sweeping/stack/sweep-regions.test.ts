import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { REGIONS } from '../../../lib/contract/regions.ts';
import { REGION } from '../../support/gateway-clients.ts';
import { inRegion, openSweeping, type Sweeping, tagsOf } from '../../support/sweeping.ts';

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

const none = { owned: 0, overdue: 0, survivor: 0, undecided: 0, extra: 0, unknown: 0 };
/** The time of the next free slot of each API and region that a sweep uses. */
const freeAtMs = () =>
  Promise.all([...REGIONS.map((region) => stack.freeAtMs('ListRooms', region)), stack.freeAtMs('DeleteRoom', REGION)]);

describe('a sweep of all regions', () => {
  test('lists all pages of each region, with a slot of the shared pace for each call', async () => {
    const item = await stack.provision(key);
    const before = await freeAtMs();
    for (let count = 0; count < 120; count++) await stack.makeRoom({ number: String(count) });
    const oldest = await stack.makeRoom(tagsOf(item), { agoMs: 6_000_000 });
    const summary = await stack.sweep({ deletes: true });
    expect(inRegion(summary)).toMatchObject({
      ended: 'complete',
      listed: 122,
      verdicts: { ...none, owned: 1, extra: 1 },
    });
    expect(stack.rooms()).not.toContain(oldest);
    expect(summary.regions.map(({ region }) => region).toSorted()).toEqual(REGIONS.toSorted());
    expect(REGIONS.map((region) => stack.callsOf('ListRooms', region))).toEqual(
      REGIONS.map((region) => (region === REGION ? 3 : 1)),
    );
    const after = await freeAtMs();
    expect(after.every((ms, index) => ms > (before[index] ?? 0))).toBe(true);
  });

  test('retries a page that fails', async () => {
    await stack.provision(key);
    stack.ivsChat.inject({ operation: 'ListRooms', region: REGION, times: 2, fault: { error: 'ThrottlingException' } });
    expect(inRegion(await stack.sweep())).toMatchObject({ ended: 'complete', verdicts: { ...none, owned: 1 } });
  });

  test('continues with the other regions if one cannot be listed', async () => {
    await stack.makeRoom(tagsOf(await stack.provision(key)));
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

  /** Runs a sweep whose deadline is after the first page of its second region, which has one more room. */
  async function cutShort() {
    const { regions } = await stack.sweep();
    const [begun, slow, behind] = regions.map(({ region }) => region);
    if (begun === undefined || slow === undefined || behind === undefined) throw new Error('There are seven regions');
    for (let count = 0; count < 51; count++) await stack.makeRoom({}, { region: slow });
    stack.ivsChat.inject({ operation: 'ListRooms', region: slow, fault: { latencyMs: 2_000 } });
    const cut = await stack.sweep({ timeMs: 1_500 });
    expect(cut).toMatchObject({
      regions: [
        { region: begun, ended: 'complete' },
        { region: slow, ended: 'deadline', listed: 50 },
      ],
      stoppedIn: slow,
      nextRegion: slow,
    });
    return { slow, behind };
  }

  test('stops at the deadline, reports that, and continues there the next time', async () => {
    const { slow, behind } = await cutShort();
    expect(await stack.roomCount(slow)).toMatchObject({ rooms: 0 });
    const next = await stack.sweep();
    expect(next.regions.slice(0, 2)).toMatchObject([{ region: slow, listed: 1 }, { region: behind }]);
    expect(await stack.roomCount(slow)).toMatchObject({ rooms: 51 });
    expect(next.regions.map(({ ended }) => ended)).toEqual(REGIONS.map(() => 'complete'));
    expect(next).not.toHaveProperty('stoppedIn');
    expect((await stack.sweep()).regions.find(({ region }) => region === slow)?.listed).toBe(51);
  });

  test('begins a region again if its token is refused, and skips the region after another deadline there', async () => {
    const { slow, behind } = await cutShort();
    stack.ivsChat.refuseTokens();
    stack.ivsChat.inject({ operation: 'ListRooms', region: slow, times: 2, fault: { latencyMs: 2_000 } });
    // The first page arrives long before the deadline and the second one long after it, also on a busy machine.
    expect(await stack.sweep({ timeMs: 3_200 })).toMatchObject({
      regions: [{ region: slow, ended: 'deadline', listed: 50 }],
      nextRegion: behind,
    });
    expect((await stack.roomCount(slow))?.rooms).toBe(0);
  });

  test('notes how many rooms a region has, including those of others, and when it counted them', async () => {
    const beganMs = Date.now();
    await stack.makeRoom({});
    await stack.makeRoom(tagsOf(await stack.provision(key)));
    await stack.sweep();
    const count = await stack.roomCount(REGION);
    expect(count?.rooms).toBe(3);
    expect(count?.atMs).toBeGreaterThanOrEqual(beganMs);
    stack.ivsChat.inject({ operation: 'ListRooms', region: REGION, times: 3, fault: { error: 'ThrottlingException' } });
    await stack.makeRoom({});
    await stack.sweep();
    expect(await stack.roomCount(REGION)).toEqual(count);
  });

  test('counts nothing if it continues at a position that the previous release has stored', async () => {
    const { slow } = await cutShort();
    await stack.forgetListed();
    await stack.sweep();
    expect(await stack.roomCount(slow)).toMatchObject({ rooms: 0 });
    await stack.sweep();
    expect(await stack.roomCount(slow)).toMatchObject({ rooms: 51 });
  });

  test('begins the next time with the region for which there was no time', async () => {
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
