import { CreateRoomCommand } from '@aws-sdk/client-ivschat';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { CLAIM_TAG } from '../../../lib/ledger/room-tags.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';
import { caseOf, type LedgerCase, recorded } from '../release.ts';

const cases = recorded('ledger');
const SECOND_MS = 1_000;
/** Longer than any lease that was recorded. */
const LEASE_MS = 91 * SECOND_MS;

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

/** The ledger and IVS Chat as the release left them, at that time. */
async function restore(name: string): Promise<LedgerCase & { text: string; key: string }> {
  const found = caseOf(cases, name);
  await bench.putItem('ledger', found.item);
  for (const { name: roomName, tags } of found.rooms)
    await bench.services.clients.ivsChat('eu-west-1').send(new CreateRoomCommand({ name: roomName, tags }));
  bench.pass(found.recordedAtMs - START_MS);
  return { ...found, text: found.item.completion?.S ?? '', key: found.item.idempotency_key?.S ?? '' };
}

const afterSettling = () => bench.pass(bench.config.timing.settleMs + LEASE_MS);
const claimTags = () => bench.ivsChat.rooms().map(({ tags }) => tags[CLAIM_TAG]);
const tagOf = ({ item }: LedgerCase) => `${item.claim_id?.S}.${item.generation?.N}`;
const answered = (how: string) => expect.objectContaining({ kind: 'answered', how });
const postponed = (reason: string) => expect.objectContaining({ kind: 'postponed', reason });

describe('an item of release 0.1.0 continues', () => {
  test.each([
    'leased, without an intent',
    'leased, with an intent and no room',
    'leased, with an intent and a room',
    'retaken, leased with an intent',
  ])('%s: its lease is respected', async (name) => {
    const { message } = await restore(name);
    expect(await bench.handle(message)).toEqual(postponed('busy'));
  });

  test.each(['leased, without an intent', 'released, without an intent', 'retaken, released'])(
    '%s: its room is created immediately, under its own claim',
    async (name) => {
      const found = await restore(name);
      bench.pass(LEASE_MS);
      expect(await bench.handle(found.message)).toEqual(answered('created'));
      expect(claimTags()).toEqual([tagOf(found)]);
    },
  );

  test.each(['leased, with an intent and a room', 'released, with an intent and a room'])(
    '%s: its room is adopted',
    async (name) => {
      const found = await restore(name);
      bench.pass(LEASE_MS);
      expect(await bench.handle(found.message)).toEqual(answered('adopted'));
      expect(claimTags()).toEqual([tagOf(found)]);
    },
  );

  test.each([
    'leased, with an intent and no room',
    'released, with an intent and no room',
    'retaken, leased with an intent',
  ])('%s: no room is created before the settle time ends, and one room after that', async (name) => {
    const found = await restore(name);
    bench.pass(LEASE_MS);
    expect(await bench.handle(found.message)).toEqual(postponed('unsettled'));
    expect(claimTags()).toEqual([]);
    afterSettling();
    expect(await bench.handle(found.message)).toEqual(answered('created'));
    expect(claimTags()).toEqual([tagOf(found)]);
  });

  test('released, denied: if it is denied again while others succeed, it fails', async () => {
    const { message } = await restore('released, denied');
    const { items, recordedAtMs } = caseOf(recorded('pace'), 'denied keys outlived');
    for (const item of items) await bench.putItem('pace', item);
    bench.pass(recordedAtMs - START_MS);
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'AccessDeniedException', status: 403 } });
    expect(await bench.handle(message)).toEqual(answered('failed'));
    expect(bench.completions().at(-1).data).toMatchObject({ reason: 'access-denied' });
  });
});

const DECIDED = Object.keys(cases).filter((name) => /decided|completed/.test(name));

describe('a decision of release 0.1.0 stays', () => {
  test('and there are decisions of every kind', () => {
    expect(DECIDED).toHaveLength(10);
  });

  test.each(DECIDED)('%s: its completion is published as it is stored, under the same id', async (name) => {
    const { message, text, key } = await restore(name);
    bench.pass(10 * SECOND_MS);
    expect(await bench.handle(message)).toEqual(answered('replayed'));
    expect(bench.completions()).toEqual([JSON.parse(text)]);
    expect(bench.item(key)).toMatchObject({ status: 'COMPLETED', completion: JSON.parse(text) });
    expect(bench.callsOf('CreateRoom').length).toBe(caseOf(cases, name).rooms.length);
  });

  test.each(DECIDED.filter((name) => name.includes('failed')))(
    '%s: a request that is sent later claims the key again, in the next generation',
    async (name) => {
      const { message, text, key } = await restore(name);
      bench.pass(10 * SECOND_MS);
      const { neededBy: _, ...body } = JSON.parse(message.body);
      const room = { name: 'hall' };
      expect(await bench.handle(bench.record({ ...body, room }))).toEqual(answered('created'));
      expect(bench.item(key)).toMatchObject({ generation: 1, decision: 'room', status: 'COMPLETED' });
      const ids = bench.completions().map(({ id }) => id);
      // A decision that is not published yet is published before the key is claimed again.
      expect(ids).toHaveLength(name.includes('unpublished') ? 2 : 1);
      expect(new Set([...ids, JSON.parse(text).id]).size).toBe(2);
    },
  );

  test.each(DECIDED.filter((name) => !name.includes('failed')))(
    '%s: a request for another room under its key is refused',
    async (name) => {
      const { message, key } = await restore(name);
      bench.pass(10 * SECOND_MS);
      const body = { ...JSON.parse(message.body), room: { name: 'studio' } };
      expect(await bench.handle(bench.record(body))).toEqual(answered('key-reused'));
      expect(bench.item(key)).toMatchObject({ decision: 'room', status: 'COMPLETED' });
    },
  );
});
