import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KeyState } from '../../client/api/key-state.ts';
import { keyState } from '../../client/api/room-of-key.ts';
import type { RoomItem } from '../../lib/ledger/ledger-item.ts';
import { roomItem } from '../support/ledger-items.ts';
import { START_MS } from '../support/memory-bench.ts';
import { createProgramBench } from './program-stage.ts';

const HOUR_MS = 3_600_000;
const CLOCK_ERROR_MS = 30_000;
const DUE_MS = START_MS + HOUR_MS;
const DUE = new Date(DUE_MS).toISOString();

let bench: ReturnType<typeof createProgramBench>;
beforeEach(() => {
  bench = createProgramBench();
});

const request = (changes: object = {}) =>
  bench.handle(bench.record({ idempotencyKey: 'key', room: { name: 'hall' }, ...changes }));
const command = (changes: object) =>
  bench.handle(bench.record({ type: 'Room Release Requested', idempotencyKey: 'key', ...changes }));
const passUntil = (ms: number) => bench.pass(ms - bench.clock.nowMs());
const state = (key = 'key') => bench.greenroom.roomFor(key);

describe('roomFor', () => {
  test('makes exactly one call: a strongly consistent GetItem', async () => {
    await request();
    const before = bench.calls.length;
    await state();
    const made = bench.calls.slice(before);
    expect(made.map(({ name, input }) => [name, input.ConsistentRead])).toEqual([['GetItem', true]]);
  });

  test('names the room of a key, with the facts of its completion', async () => {
    await request({ tenant: 'sports' });
    const [completion] = bench.completions();
    expect(await state()).toEqual({
      kind: 'provisioned',
      idempotencyKey: 'key',
      tenant: 'sports',
      region: 'eu-west-1',
      room: completion.data.room,
      outcome: 'created',
      generation: 0,
      decidedAt: completion.time,
      completionId: completion.id,
    });
  });

  test('knows a key before its request, and one that has only a release command', async () => {
    expect(await state()).toEqual({ kind: 'not-requested', idempotencyKey: 'key' });
    await command({ releaseAt: DUE });
    expect(await state()).toEqual({ kind: 'not-requested', idempotencyKey: 'key', releaseAt: DUE });
  });

  test('shows a request in progress', async () => {
    await bench.crash(bench.record({ idempotencyKey: 'key', room: {}, neededBy: DUE }), 'CreateRoom');
    const pending = { kind: 'pending', idempotencyKey: 'key', region: 'eu-west-1', generation: 0, neededBy: DUE };
    expect(await state()).toEqual(pending);
  });

  test('shows why a request failed, and the room of the next generation after that', async () => {
    await request({ neededBy: '2025-12-31T00:00:00Z' });
    const failed = await state();
    expect(failed).toMatchObject({ kind: 'failed', reason: 'expired', retryable: true, generation: 0 });
    bench.pass(2_000);
    await request();
    expect(await state()).toMatchObject({ kind: 'provisioned', generation: 1 });
  });

  test('shows a damaged item as unreadable instead of guessing', async () => {
    await request();
    await bench.changeItem('key', { generation: 'many' });
    expect(await state()).toMatchObject({ kind: 'unreadable', problem: expect.stringContaining('generation') });
  });

  test.each(['live/final-2026/main', 'bulk/0123456789abcdef'])('knows the key %s of a roster', async (key) => {
    await bench.handle(bench.memberRecord({ idempotencyKey: key, room: {} }));
    expect(await state(key)).toMatchObject({ kind: 'provisioned', idempotencyKey: key });
  });

  test('does not take a text with half a character for another key that has the same hash', async () => {
    await bench.handle(bench.memberRecord({ idempotencyKey: 'a\ufffd', room: {} }));
    expect(await state('a\ufffd')).toMatchObject({ kind: 'provisioned' });
    expect(await state('a\ud800')).toMatchObject({ kind: 'not-requested' });
  });
});

describe('a program of one tenant', () => {
  test('learns nothing about the keys of others, but their existence', async () => {
    bench = createProgramBench({ tenant: 'sports' });
    await request({ tenant: 'music' });
    expect(await state()).toEqual({ kind: 'other-tenant', idempotencyKey: 'key' });
    await bench.handle(bench.record({ idempotencyKey: 'own', room: {}, tenant: 'sports' }));
    expect(await state('own')).toMatchObject({ kind: 'provisioned', tenant: 'sports' });
  });
});

describe('a room with a release time', () => {
  test('can be cached until then, and is not usable from then on, even before the release is final', async () => {
    await request({ releaseAt: DUE });
    expect(await state()).toMatchObject({ kind: 'provisioned', releaseAt: DUE, cacheableUntil: DUE });
    passUntil(DUE_MS - 1);
    expect(await state()).toMatchObject({ kind: 'provisioned' });
    passUntil(DUE_MS);
    const due = { kind: 'releasing', idempotencyKey: 'key', isFinal: false, releaseAt: DUE };
    expect(await state()).toEqual(due);
    // Nobody has marked the room: only the time has made it unusable.
    expect(bench.stored('key')).not.toHaveProperty('release_marked_at');
  });

  test('can be cached until the end of the grace period of a command', async () => {
    await request();
    await command({});
    const end = new Date(START_MS + 900_000).toISOString();
    expect(await state()).toMatchObject({ kind: 'provisioned', cacheableUntil: end });
  });

  test('that is kept by a later command has none any more', async () => {
    await request({ releaseAt: DUE });
    bench.pass(1);
    await command({ releaseAt: null });
    expect(await state()).not.toHaveProperty('cacheableUntil');
    passUntil(DUE_MS + HOUR_MS);
    expect(await state()).toMatchObject({ kind: 'provisioned' });
  });

  test('is never usable at any call of its release after the mark, nor at DeleteRoom', async () => {
    await request({ releaseAt: DUE });
    passUntil(DUE_MS + CLOCK_ERROR_MS);
    const seen: [string, KeyState['kind']][] = [];
    let isReading = false;
    bench.beforeAny(async ({ name }) => {
      if (isReading) return;
      isReading = true;
      seen.push([name, (await state()).kind]);
      isReading = false;
    });
    await bench.release();
    expect(seen.map(([name]) => name)).toContain('DeleteRoom');
    expect(seen.filter(([, kind]) => kind === 'provisioned')).toEqual([]);
    expect(await state()).toMatchObject({ kind: 'released', releasedAt: expect.any(String) });
  });

  test('whose releaser has crashed after the mark is being released, finally', async () => {
    await request({ releaseAt: DUE });
    passUntil(DUE_MS + CLOCK_ERROR_MS);
    await bench.crashRelease('DeleteRoom');
    expect(await state()).toMatchObject({ kind: 'releasing', isFinal: true, releaseAt: DUE });
  });
});

describe('controls: each fact alone decides', () => {
  const wish = { release_at: DUE_MS, release_wished_at: START_MS, release_due_at: DUE_MS };
  const at = (nowMs: number, changes: Partial<RoomItem> = {}) =>
    keyState(
      'key',
      { kind: 'known', item: roomItem({ ...wish, ...changes }), expiresAtMs: undefined },
      {
        tenant: undefined,
        nowMs,
      },
    ).kind;

  test.each<[string, number, Partial<RoomItem>, string]>([
    ['nothing', DUE_MS - 1, {}, 'provisioned'],
    ['the time', DUE_MS, {}, 'releasing'],
    ['the mark', DUE_MS - 1, { release_marked_at: DUE_MS }, 'releasing'],
    ['the end of the release', DUE_MS - 1, { released_at: DUE_MS }, 'released'],
    ['a wish of an earlier generation', DUE_MS, { begun_after: START_MS }, 'provisioned'],
  ])('%s', (_fact, nowMs, changes, kind) => {
    expect(at(nowMs, changes)).toBe(kind);
  });
});
