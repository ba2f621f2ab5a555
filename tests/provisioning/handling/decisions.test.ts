import { CreateRoomCommand } from '@aws-sdk/client-ivschat';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { FaultPlan } from '../../../emulator/ivschat/faults.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { failedItem, roomItem } from '../../support/ledger-items.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall', maximumMessageLength: 300, tags: { event: 'final' } } };
const MINUTE_MS = 60_000;
const MARGIN_MS = 5 * MINUTE_MS + 30_000;

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const neededIn = (ms: number) => ({ ...REQUEST, neededBy: new Date(START_MS + ms).toISOString() });
const deliver = (body: object = REQUEST) => bench.handle(bench.record(body));
const inject = (operation: FaultPlan['operation'], fault: FaultPlan['fault']) =>
  bench.ivsChat.inject({ operation, fault });
const slotsOf = (api: string) =>
  bench
    .callsOf('UpdateItem')
    .filter(({ input }) => input.Key.id.S === `eu-west-1#${api}` && input.UpdateExpression.includes('free_at')).length;

describe('a created room', () => {
  test('is requested unchanged with greenroom’s tags, and is published as IVS Chat returned it', async () => {
    await deliver();
    const { id, claim_id } = bench.stored('key');
    expect(bench.callsOf('CreateRoom').map(({ input }) => input)).toEqual([
      {
        name: 'hall',
        maximumMessageLength: 300,
        tags: {
          event: 'final',
          'greenroom:key': id,
          'greenroom:claim': `${claim_id}.0`,
          'greenroom:stage': 'simulation.eu-west-1',
        },
      },
    ]);
    const [room] = bench.ivsChat.rooms();
    expect(bench.completions()).toEqual([
      expect.objectContaining({
        source: '/greenroom/simulation',
        subject: 'key',
        time: '2026-01-01T00:00:00.000Z',
        data: {
          idempotencyKey: 'key',
          tenant: 'default',
          region: 'eu-west-1',
          claimId: claim_id,
          generation: 0,
          outcome: 'created',
          late: false,
          room: expect.objectContaining({ arn: room?.arn, name: 'hall', maximumMessageLength: 300 }),
        },
      }),
    ]);
  });

  test.each([
    ['not late if it exists at exactly that time', 3_000, false],
    ['late if it exists a millisecond later', 3_001, true],
  ])('is %s when it is needed', async (_when, tookMs, late) => {
    bench.before('CreateRoom', () => bench.pass(tookMs));
    await deliver(neededIn(3_000));
    expect(bench.completions()[0].data).toMatchObject({ outcome: 'created', late });
  });
});

describe('a request is given up', () => {
  test('a millisecond after its room was needed, without a call', async () => {
    const record = bench.record(neededIn(3_000));
    bench.pass(3_001);
    await bench.handle(record);
    expect(bench.completions()[0].data).toMatchObject({
      outcome: 'failed',
      reason: 'expired',
      error: {
        name: 'Expired',
        message: 'No room could be created by 2026-01-01T00:00:03.000Z, when it was needed.',
      },
      retryable: true,
    });
    expect(bench.callNames()).toEqual(['UpdateItem', 'UpdateItem', 'Publish', 'UpdateItem']);
    expect(bench.stored('key')).not.toHaveProperty('create_started_at');
  });

  test('but not at exactly that time', async () => {
    const record = bench.record(neededIn(3_000));
    bench.pass(3_000);
    expect(await bench.handle(record)).toMatchObject({ how: 'created' });
  });

  test('if that time passes between two attempts', async () => {
    inject('CreateRoom', { error: 'ThrottlingException' });
    await deliver(neededIn(200));
    expect(bench.completions()[0].data).toMatchObject({ reason: 'expired' });
    expect(bench.callsOf('CreateRoom')).toHaveLength(1);
  });

  test('but not while an intent exists: the room is found and published as late (rule RESOLVE)', async () => {
    inject('CreateRoom', { lostResponse: true });
    inject('ListRooms', { error: 'AccessDeniedException' });
    await deliver(neededIn(3_000));
    bench.pass(MINUTE_MS);
    expect(await deliver(neededIn(3_000))).toMatchObject({ kind: 'answered', how: 'adopted' });
    expect(bench.completions()[0].data).toMatchObject({ outcome: 'adopted', late: true });
    expect([slotsOf('ListRooms'), slotsOf('GetRoom'), slotsOf('CreateRoom')]).toEqual([2, 1, 1]);
  });

  test('after the settle time of its intent if no room was found', async () => {
    inject('CreateRoom', { unsent: true });
    await deliver(neededIn(3_000));
    bench.pass(bench.config.timing.settleMs - 1_001);
    expect(await deliver(neededIn(3_000))).toEqual({
      kind: 'postponed',
      reason: 'unsettled',
      untilMs: START_MS + bench.config.timing.settleMs,
      mayHaveRoom: true,
    });
    bench.pass(1);
    expect(await deliver(neededIn(3_000))).toMatchObject({ kind: 'answered', how: 'failed' });
    expect(bench.stored('key')).not.toHaveProperty('create_started_at');
  });
});

describe('a room whose existence is unknown', () => {
  /** Creates more rooms of the same name than fill a page, a certain time before the intent. */
  async function makeRooms(agoMs: number): Promise<void> {
    bench = createBench({ quotas: { tps: { CreateRoom: 1e5 }, burst: 1e5 } });
    const client = bench.services.clients.ivsChat('eu-west-1');
    for (let count = 0; count < 60; count++) await client.send(new CreateRoomCommand({ name: 'hall' }));
    bench.pass(agoMs);
  }

  test('is searched for by its name', async () => {
    inject('CreateRoom', { lostResponse: true });
    await deliver();
    expect(bench.callsOf('ListRooms').map(({ input }) => input)).toEqual([{ name: 'hall', maxResults: 50 }]);
  });

  test.each([
    ['as far back as the clocks may differ, and five minutes more', MARGIN_MS, 'two, and a last look', 3],
    ['but not any further', MARGIN_MS + 1, 'one', 1],
  ])('is searched for among the rooms of its name %s', async (_how, agoMs, _pages, pages) => {
    await makeRooms(agoMs);
    inject('CreateRoom', { unsent: true });
    await deliver();
    bench.pass(bench.config.timing.settleMs);
    const before = bench.callsOf('ListRooms').length;
    expect(await deliver()).toMatchObject({ how: 'created' });
    expect(bench.callsOf('ListRooms').length - before).toBe(pages);
  });
});

describe('a worker that has lost its claim when its room exists', () => {
  const { claim_id, generation, ...decided } = roomItem();

  /** While CreateRoom is in flight, another worker takes over the claim, and makes these changes to the item. */
  function loseClaim(changes: object): void {
    bench.before('CreateRoom', () => bench.changeItem('key', { lease_token: 'another', version: 9, ...changes }));
  }
  const withRoom = { decision: 'room', room_arn: 'arn', decided_at: 0, completion: JSON.stringify(decided.completion) };
  const { completion } = failedItem();
  const failed = { decision: 'failed', decided_at: 0, completion: JSON.stringify(completion) };

  test.each([
    ['names another room', withRoom],
    ['names no room', failed],
  ])('deletes the room if the ledger %s, in its own slot, and logs that', async (_what, changes) => {
    loseClaim(changes);
    expect(await deliver()).toMatchObject({ kind: 'postponed', reason: 'lease-lost', untilMs: START_MS + 1_950 });
    expect(bench.ivsChat.rooms()).toEqual([]);
    expect(slotsOf('DeleteRoom')).toBe(1);
    const arn = bench.callsOf('DeleteRoom')[0]?.input.identifier;
    expect(bench.lines[0]).toMatchObject({ level: 'info', fields: { arn, ledgerKey: ledgerKey('key') } });
    expect(bench.completions()).toEqual([]);
  });

  test.each([
    ['is undecided, because its owner may adopt the room', {}],
    ['belongs to another claim', { ...failed, claim_id: 'another' }],
  ])('leaves the room if the item %s', async (_what, changes) => {
    loseClaim(changes);
    expect(await deliver()).toMatchObject({ reason: 'lease-lost' });
    expect(bench.ivsChat.rooms()).toHaveLength(1);
    expect(slotsOf('DeleteRoom')).toBe(0);
  });

  test('leaves the room to the sweep if there is no slot for deleting it', async () => {
    loseClaim(failed);
    await bench.setPace('DeleteRoom', { free_at: START_MS + 100_000 });
    expect(await deliver()).toMatchObject({ reason: 'lease-lost' });
    expect(bench.ivsChat.rooms()).toHaveLength(1);
    expect(bench.lines[0]).toMatchObject({ level: 'warn', fields: { error: 'Postponement' } });
  });

  test('leaves the room to the sweep if it cannot be deleted, and logs the reason', async () => {
    loseClaim(failed);
    inject('DeleteRoom', { error: 'AccessDeniedException' });
    expect(await deliver()).toMatchObject({ reason: 'lease-lost' });
    const [room] = bench.ivsChat.rooms();
    expect(bench.lines[0]).toMatchObject({
      level: 'warn',
      fields: { arn: room?.arn, error: 'AccessDeniedException' },
    });
  });
});
