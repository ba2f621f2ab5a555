import { silentMeter } from '../../simulation/silent-meter.ts';
import { environment } from '../fixtures/simulated-stage.ts';
import type { Bench } from '../support/memory-bench.ts';

type ProcessBatch = typeof import('../../lib/provisioning/process-batch.ts')['processBatch'];
/** What the tests use of the bundle. Its services have the same shape as those of the present release, as far as the tests are concerned. */
interface Bundle {
  processBatch: ProcessBatch;
  createServices(platform: Omit<Bench['platform'], 'meter'> & { meter: object }): Parameters<ProcessBatch>[2];
  readConfig(environment: Record<string, string>): Bench['config'];
}

const bundle: Bundle = await import(new URL('../fixtures/release-0.1.0/worker.mjs', import.meta.url).href);

// The earlier release has another name for `noteCompletion`.
const meter = { ...silentMeter, noteAnswer: () => undefined };

/** Handles a batch in a new worker of release 0.1.0: the code of that release, on the services of the bench. */
export function handleBatchOfPrevious(bench: Bench, records: object[]): ReturnType<ProcessBatch> {
  const services = bundle.createServices({ ...bench.platform, config: bundle.readConfig(environment), meter });
  return bundle.processBatch({ Records: records }, bench.context(), services);
}
