import { beforeEach, describe, expect, test } from '@jest/globals';
import { openTables } from '../../../lib/platform/tables.ts';
import { beginSweep } from '../../../lib/sweeping/sweep-position.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';
import { caseOf, recorded } from '../release.ts';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

async function restore(name: string): Promise<void> {
  const { items, recordedAtMs } = caseOf(recorded('pace'), name);
  for (const item of items) await bench.putItem('pace', item);
  bench.pass(recordedAtMs - START_MS);
}

const request = (idempotencyKey: string) => bench.record({ idempotencyKey, room: { name: 'hall' } });
const deny = () =>
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'AccessDeniedException', status: 403 } });

describe('the pace item of release 0.1.0 is respected', () => {
  test('plain: the next call gets a slot', async () => {
    await restore('plain');
    expect(await bench.handle(request('new'))).toMatchObject({ kind: 'answered', how: 'created' });
  });

  test('a cut rate: calls follow more slowly than the quota allows', async () => {
    await restore('cut rate');
    const { services } = bench;
    await bench.handle(request('new'), { services });
    const rate = services.pacer.rate('eu-west-1', 'CreateRoom');
    expect(rate).toBeGreaterThan(0);
    expect(rate).toBeLessThan(services.config.callsPerSecond * 0.9);
  });

  test.each(['breaker open', 'breaker open by denials'])('%s: one call probes when the probe is due', async (name) => {
    await restore(name);
    expect(await bench.handle(request('new'))).toMatchObject({ kind: 'postponed', reason: 'breaker-open' });
    expect(bench.callsOf('CreateRoom')).toEqual([]);
    bench.pass(3_600_000);
    expect(await bench.handle(request('new'))).toMatchObject({ kind: 'answered', how: 'created' });
    expect(await bench.handle(request('newer'))).toMatchObject({ kind: 'answered', how: 'created' });
  });

  test('denied keys: two more denied keys open the breaker', async () => {
    await restore('denied keys');
    for (const key of ['second', 'third']) {
      deny();
      expect(await bench.handle(request(key))).toMatchObject({ kind: 'postponed', reason: 'denied' });
    }
    expect(await bench.handle(request('fourth'))).toMatchObject({ kind: 'postponed', reason: 'breaker-open' });
  });

  test('sweep position: the next sweep begins where the last one ended', async () => {
    await restore('sweep position');
    const { clients, config } = bench.services;
    const tables = openTables(clients.dynamodb, bench.clock);
    const services = { ...bench.services, tables, config: { ...config, paceTable: 'pace' } };
    expect(await beginSweep(services as never)).toEqual({ region: 'us-west-2', token: undefined });
  });
});
