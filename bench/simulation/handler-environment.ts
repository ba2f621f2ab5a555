import { systemClock } from '../../lib/platform/clock.ts';
import { processBatch } from '../../lib/provisioning/process-batch.ts';
import { createServices } from '../../lib/provisioning/services.ts';
import { silentMeter } from '../../simulation/silent-meter.ts';
import { currentWorker } from '../../simulation/virtual-time.ts';
import { CONFIG, FUNCTION_TIMEOUT_MS } from './assumptions.ts';
import type { Environment } from './event-source.ts';
import { lambdaContext } from './lambda-context.ts';
import { toRecord } from './records.ts';
import { type SimulatedWorld, STRICT_LOG } from './world.ts';

/**
 * An environment with the real message handling and the SDK's real clients. The model is compared with this environment, which takes no
 * processor time.
 */
export function createHandlerEnvironment(world: SimulatedWorld, name: string): Environment {
  const { clients, random } = world;
  const services = createServices({
    config: CONFIG,
    clients,
    clock: systemClock,
    random,
    log: STRICT_LOG,
    meter: silentMeter,
  });
  const worker = { name, skewMs: 0, alive: true, frozenUntilMs: 0 };
  return {
    invoke: (batch) =>
      currentWorker.run(worker, async () => {
        const context = lambdaContext(Date.now() + FUNCTION_TIMEOUT_MS, Date.now);
        const { batchItemFailures } = await processBatch(
          { Records: batch.map((message) => toRecord(message)) },
          context,
          services,
        );
        return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      }),
  };
}
