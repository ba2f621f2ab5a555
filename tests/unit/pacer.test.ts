import { beforeEach, describe, expect, test } from '@jest/globals';
import { createBreaker } from '../../lib/provisioning/breaker.ts';
import { createPaceTable, type PaceTable } from '../../lib/provisioning/pace-item.ts';
import { createPacer, type Pacer, type Reservation, type SlotRequest } from '../../lib/provisioning/pacer.ts';
import { createMemoryDynamoDb } from '../simulation/memory-dynamodb.ts';
import { memoryDynamoDbClient } from '../support/memory-dynamodb-client.ts';

const NOW = 1_000_000;
const SECOND = 1_000;
const INTERVAL = 200;
const REGION = 'eu-west-1';
/** The breaker is tried again after a minute, then after five, and then every fifteen. */
const SCHEDULE = [60, 300, 900];

let table: PaceTable;

beforeEach(() => {
  table = createPaceTable(memoryDynamoDbClient(createMemoryDynamoDb()), 'pace');
});

/** As of one worker: what it knows from the last answer is its own. */
const newPacer = () => createPacer(table, { callsPerSecond: 5, probeScheduleSeconds: SCHEDULE });

function reserve(pacer: Pacer, nowMs: number, changes: Partial<SlotRequest> = {}): Promise<Reservation> {
  return pacer.reserve({
    region: REGION,
    api: 'CreateRoom',
    ledgerKey: 'key',
    nowMs,
    latestMs: nowMs + 60 * SECOND,
    ...changes,
  });
}

/** The slots that so many reservations one after the other get. */
async function slots(pacer: Pacer, count: number, nowMs: number): Promise<number[]> {
  const moments: number[] = [];
  for (let index = 0; index < count; index++) moments.push(slotOf(await reserve(pacer, nowMs)));
  return moments;
}

function slotOf(reservation: Reservation): number {
  if (reservation.kind !== 'slot') throw new Error(`No slot but ${JSON.stringify(reservation)}`);
  return reservation.atMs;
}

/** From a moment on, one interval after the other. */
const inARow = (fromMs: number, count: number) =>
  Array.from({ length: count }, (_, place) => fromMs + place * INTERVAL);

describe('slots', () => {
  test('lie an interval apart, the first of them now', async () => {
    expect(await slots(newPacer(), 5, NOW)).toEqual(inARow(NOW, 5));
  });

  test('lie an interval apart for all workers together', async () => {
    const workers = [newPacer(), newPacer(), newPacer()];
    const moments = [];
    for (const round of [0, 1, 2]) {
      for (const worker of workers) moments.push(slotOf(await reserve(worker, NOW + round)));
    }
    expect(moments).toEqual(inARow(NOW, 9));
  });

  test('are each given once, however many workers ask at the same moment', async () => {
    const reservations = await Promise.all(Array.from({ length: 30 }, () => reserve(newPacer(), NOW)));
    expect(reservations.map(slotOf).sort((a, b) => a - b)).toEqual(inARow(NOW, 30));
  });

  test('begin anew after idleness: the quota that was not used is not saved up', async () => {
    const pacer = newPacer();
    await slots(pacer, 3, NOW);
    expect(await slots(pacer, 3, NOW + 10 * SECOND)).toEqual(inARow(NOW + 10 * SECOND, 3));
  });

  test('go on where they stood if the next is still to come', async () => {
    const pacer = newPacer();
    await slots(pacer, 3, NOW);
    expect(await slots(pacer, 1, NOW + 500)).toEqual([NOW + 3 * INTERVAL]);
  });

  test('of another region or API are other slots', async () => {
    const pacer = newPacer();
    await slots(pacer, 3, NOW);
    expect(slotOf(await reserve(pacer, NOW, { region: 'us-east-1' }))).toBe(NOW);
    expect(slotOf(await reserve(pacer, NOW, { api: 'ListRooms' }))).toBe(NOW);
  });
});

describe('nothing is reserved beyond the latest moment that is of use', () => {
  test('the slot at that very moment is', async () => {
    await slots(newPacer(), 5, NOW);
    expect(slotOf(await reserve(newPacer(), NOW, { latestMs: NOW + SECOND }))).toBe(NOW + SECOND);
  });

  test('one beyond is not, and stays free', async () => {
    await slots(newPacer(), 5, NOW);
    const late = { latestMs: NOW + SECOND - 1 };
    expect(await reserve(newPacer(), NOW, late)).toEqual({ kind: 'full', freeAtMs: NOW + SECOND });
    expect(await slots(newPacer(), 1, NOW)).toEqual([NOW + SECOND]);
  });

  test('nor by a worker that last saw a shorter queue', async () => {
    const pacer = newPacer();
    await slots(pacer, 1, NOW);
    await slots(newPacer(), 5, NOW);
    expect(await reserve(pacer, NOW, { latestMs: NOW + SECOND })).toEqual({
      kind: 'full',
      freeAtMs: NOW + 6 * INTERVAL,
    });
    expect(await slots(newPacer(), 1, NOW)).toEqual([NOW + 6 * INTERVAL]);
  });

  test('nothing at all if the moment has passed already, though the quota lies idle', async () => {
    expect(await reserve(newPacer(), NOW, { latestMs: NOW - 1 })).toEqual({ kind: 'full', freeAtMs: NOW });
    expect(await slots(newPacer(), 1, NOW)).toEqual([NOW]);
  });
});

describe('after a throttle', () => {
  test('nobody sends for a second', async () => {
    await slots(newPacer(), 1, NOW);
    await newPacer().holdBack(REGION, 'CreateRoom', NOW);
    expect(await slots(newPacer(), 2, NOW)).toEqual(inARow(NOW + SECOND, 2));
  });

  test('slots that are further off stay where they are', async () => {
    await slots(newPacer(), 10, NOW);
    await newPacer().holdBack(REGION, 'CreateRoom', NOW);
    expect(await slots(newPacer(), 1, NOW)).toEqual([NOW + 10 * INTERVAL]);
  });
});

describe('while the breaker is open', () => {
  const breaker = () => createBreaker(table, SCHEDULE);
  const asked = (nowMs: number, ledgerKey = 'other') => reserve(newPacer(), nowMs, { ledgerKey });
  const openUntil = NOW + 60 * SECOND;

  beforeEach(() => breaker().open(REGION, 'opener', NOW));

  test('nobody gets a slot, not even one that knows of none', async () => {
    expect(await asked(NOW + SECOND)).toEqual({ kind: 'closed', untilMs: openUntil });
    expect(await asked(openUntil - 1)).toEqual({ kind: 'closed', untilMs: openUntil });
  });

  test('other regions and APIs go on', async () => {
    expect(slotOf(await reserve(newPacer(), NOW, { region: 'us-east-1' }))).toBe(NOW);
    expect(slotOf(await reserve(newPacer(), NOW, { api: 'ListRooms' }))).toBe(NOW);
  });

  test('it stays as it is when another finds the same trouble', async () => {
    await breaker().open(REGION, 'second', NOW + 30 * SECOND);
    expect(await asked(NOW + 30 * SECOND)).toEqual({ kind: 'closed', untilMs: openUntil });
  });

  test('one call probes when its time has come, and only one of those that ask at the same moment', async () => {
    const keys = ['a', 'b', 'c', 'd'];
    const reservations = await Promise.all(keys.map((key) => asked(openUntil, key)));
    const probes = reservations.filter(({ kind }) => kind === 'slot');
    expect(probes).toEqual([expect.objectContaining({ atMs: openUntil, probe: true })]);
    const closed = { kind: 'closed', untilMs: openUntil + 300 * SECOND };
    expect(reservations.filter(({ kind }) => kind === 'closed')).toEqual([closed, closed, closed]);
  });

  test('the next probes come after five minutes, and then every fifteen', async () => {
    let atMs = openUntil;
    for (const waitSeconds of [300, 900, 900]) {
      expect(await asked(atMs)).toMatchObject({ kind: 'slot', probe: true });
      const nextMs = atMs + waitSeconds * SECOND;
      expect(await asked(nextMs - 1)).toEqual({ kind: 'closed', untilMs: nextMs });
      atMs = nextMs;
    }
  });

  test('the key that opened it does not probe, as it may be the only one in trouble', async () => {
    expect(await asked(openUntil, 'opener')).toEqual({ kind: 'closed', untilMs: openUntil + 300 * SECOND });
    expect(await asked(openUntil, 'other')).toMatchObject({ kind: 'slot', probe: true });
  });

  test('unless no other has come for a whole interval', async () => {
    const lateMs = openUntil + 300 * SECOND;
    expect(await asked(lateMs - 1, 'opener')).toEqual({ kind: 'closed', untilMs: lateMs });
    expect(await asked(lateMs, 'opener')).toMatchObject({ kind: 'slot', atMs: lateMs, probe: true });
  });

  test('a probe that succeeds closes it for all', async () => {
    const probe = await asked(openUntil);
    if (probe.kind !== 'slot') throw new Error('No probe');
    await breaker().noteSuccess(REGION, probe, openUntil + SECOND);
    const slot = await asked(openUntil + SECOND);
    expect(slot).toMatchObject({ kind: 'slot', probe: false });
    expect(slotOf(slot)).toBe(openUntil + SECOND);
  });

  test('a call that was under way and succeeds does not close it', async () => {
    const before = { probe: false, item: { free_at: NOW, open_step: 0 } };
    await breaker().noteSuccess(REGION, before, NOW + SECOND);
    expect(await asked(NOW + SECOND)).toMatchObject({ kind: 'closed' });
  });
});

describe('denials', () => {
  const deny = (ledgerKey: string, nowMs = NOW, deniedBeforeMs?: number) =>
    createBreaker(table, SCHEDULE).noteDenial({
      region: REGION,
      ledgerKey,
      nowMs,
      ...(deniedBeforeMs !== undefined && { deniedBeforeMs }),
    });

  test('of three different keys in a row open the breaker', async () => {
    for (const key of ['a', 'b', 'c']) {
      expect(await reserve(newPacer(), NOW)).toMatchObject({ kind: 'slot' });
      await deny(key);
    }
    expect(await reserve(newPacer(), NOW)).toEqual({ kind: 'closed', untilMs: NOW + 60 * SECOND });
  });

  test('of one key, however many, do not', async () => {
    for (let time = 0; time < 5; time++) await deny('a');
    expect(await reserve(newPacer(), NOW)).toMatchObject({ kind: 'slot' });
  });

  test('are forgotten with a success between', async () => {
    await deny('a');
    await deny('b');
    const slot = await reserve(newPacer(), NOW);
    if (slot.kind !== 'slot') throw new Error('No slot');
    await createBreaker(table, SCHEDULE).noteSuccess(REGION, slot, NOW);
    await deny('c');
    expect(await reserve(newPacer(), NOW)).toMatchObject({ kind: 'slot' });
  });

  test("are the key's own if others have succeeded since it was denied before", async () => {
    expect(await deny('a', NOW)).toBe(false);
    expect(await deny('a', NOW + SECOND, NOW)).toBe(false);
    const slot = await reserve(newPacer(), NOW + 2 * SECOND);
    if (slot.kind !== 'slot') throw new Error('No slot');
    await createBreaker(table, SCHEDULE).noteSuccess(REGION, slot, NOW + 2 * SECOND);
    expect(await deny('a', NOW + 3 * SECOND, NOW)).toBe(true);
    expect(await deny('b', NOW + 3 * SECOND, NOW + 3 * SECOND)).toBe(false);
  });
});
