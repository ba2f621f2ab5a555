import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DENIED = { operation: 'CreateRoom', fault: { error: 'AccessDeniedException', status: 403 } } as const;

interface Message {
  record: ReturnType<Bench['record']>;
  atMs: number;
  receives: number;
  answeredAtMs?: number;
}

let bench: Bench;
let messages: Message[];
beforeEach(() => {
  bench = createBench();
  messages = [];
});

/** A request that is sent at a given time. The name of its room says whether the call is denied. */
function ask(name: string, tenant: string | undefined, atMs: number): Message {
  const record = bench.record({ idempotencyKey: name, room: { name }, tenant }, { messageId: name });
  const attributes = { ...record.attributes, SentTimestamp: atMs };
  const message = { record: { ...record, attributes }, atMs, receives: 0 };
  messages.push(message);
  return message;
}

function denyIf(isDenied: (name: string) => boolean): void {
  bench.before('CreateRoom', ({ input }) => {
    if (isDenied(input.name)) bench.ivsChat.inject(DENIED);
  });
}

/** Delivers each message when it is due, until a time or until one message is answered. */
async function play(untilMs: number, awaited?: Message): Promise<void> {
  while (awaited?.answeredAtMs === undefined) {
    const next = messages
      .filter(({ answeredAtMs }) => answeredAtMs === undefined)
      .toSorted((one, other) => one.atMs - other.atMs)[0];
    if (next === undefined || next.atMs > untilMs) return;
    bench.pass(Math.max(0, next.atMs - bench.clock.nowMs()));
    next.receives += 1;
    const outcome = await bench.handle(next.record);
    if (outcome.kind === 'postponed') next.atMs = Math.max(outcome.untilMs, bench.clock.nowMs() + 1_000);
    else next.answeredAtMs = bench.clock.nowMs();
  }
}

describe('a region that is closed by the denied requests of one sender opens within minutes for a request', () => {
  test.each<[string, string | undefined, string | undefined]>([
    ['of another tenant', 'denied', 'other'],
    ['without a tenant', 'denied', undefined],
    ['with a tenant if the denied requests have none', undefined, 'other'],
    ['without a tenant if the denied requests have none either', undefined, undefined],
  ])('%s', async (_whose, deniedTenant, tenant) => {
    denyIf((name) => name.startsWith('denied'));
    for (let index = 0; index < 6; index++) ask(`denied-${index}`, deniedTenant, START_MS);
    for (let atMs = START_MS; atMs < START_MS + 6 * HOUR; atMs += 20 * MINUTE)
      ask(`denied-${atMs}`, deniedTenant, atMs);
    const other = ask('other', tenant, START_MS + 5.5 * HOUR);
    await play(START_MS + 8 * HOUR, other);
    expect(bench.completions()).toMatchObject([{ subject: 'other', data: { outcome: 'created' } }]);
    expect(bench.clock.nowMs() - START_MS - 5.5 * HOUR).toBeLessThan(5 * MINUTE);
  });

  test.each(['other', undefined])('that arrived right after the region was closed (tenant: %s)', async (tenant) => {
    denyIf((name) => name.startsWith('denied'));
    for (let index = 0; index < 20; index++) ask(`denied-${index}`, undefined, START_MS);
    const other = ask('other', tenant, START_MS + 10_000);
    await play(START_MS + 8 * HOUR, other);
    expect(bench.clock.nowMs() - START_MS).toBeLessThan(10 * MINUTE);
  });
});

describe('a region in which every call is denied is called rarely, and serves all requests soon after calls are allowed again', () => {
  test.each([
    ['a few tenants', 3],
    ['many tenants', 20],
  ])('with requests of %s', async (_many, tenants) => {
    const allowedMs = START_MS + 5 * HOUR;
    denyIf(() => bench.clock.nowMs() < allowedMs);
    for (let tenant = 0; tenant < tenants; tenant++) ask(`tenant-${tenant}`, `t${tenant}`, START_MS);
    for (let hour = 0; hour < 5; hour++) ask(`hour-${hour}`, undefined, START_MS + hour * HOUR);
    await play(allowedMs);
    expect(bench.completions()).toEqual([]);
    expect(bench.callsOf('CreateRoom').length).toBeLessThan(25);
    expect(Math.max(...messages.map(({ receives }) => receives))).toBeLessThan(20);
    await play(allowedMs + 3 * HOUR);
    expect(bench.completions()).toHaveLength(tenants + 5);
  });
});
