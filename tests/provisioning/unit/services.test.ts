import { describe, expect, test } from '@jest/globals';
import { servicesFrom } from '../../../lib/provisioning/services.ts';
import { environment } from '../../fixtures/simulated-stage.ts';
import { createBench } from '../../support/memory-bench.ts';

describe('the services of a function', () => {
  test('are built from its environment', () => {
    const services = servicesFrom(environment);
    expect(services.config).toMatchObject({ stage: 'simulation', ledgerTable: 'ledger' });
    expect(services.pacer.rate('eu-west-1', 'CreateRoom')).toBe(5 * 0.995);
    expect(services.clients.ivsChat('eu-west-1')).toBe(services.clients.ivsChat('eu-west-1'));
    expect(services.clock.nowMs()).toBeGreaterThan(Date.UTC(2026, 0, 1));
    expect(services.random()).toBeLessThan(1);
    expect(() => services.log.debug('services made')).not.toThrow();
    expect(() => services.meter.publish()).not.toThrow();
  });

  test('are not built from an invalid environment', () => {
    expect(() => servicesFrom({ ...environment, GREENROOM_LEDGER_TABLE: undefined })).toThrow('GREENROOM_LEDGER_TABLE');
  });

  test('count a correction of the pace after a wrong clock has moved the next slot far ahead', async () => {
    const bench = createBench();
    await bench.setPace('CreateRoom', { free_at: bench.clock.nowMs() + 24 * 60 * 60_000 });
    await bench.handle(bench.record({ idempotencyKey: 'key', room: {} }));
    expect(bench.measures).toContainEqual(['countPulledBack', 'eu-west-1', 'CreateRoom']);
    expect(bench.ivsChat.rooms()).toHaveLength(1);
  });
});
