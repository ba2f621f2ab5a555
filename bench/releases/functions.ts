import type { Lane } from '../../lib/contract/lanes.ts';
import { processBatch } from '../../lib/provisioning/process-batch.ts';
import { createServices } from '../../lib/provisioning/services.ts';
import { DUE_INDEX_NAME } from '../../lib/releasing/due-index.ts';
import { releaseRooms } from '../../lib/releasing/release-rooms.ts';
import { createReleaseServices } from '../../lib/releasing/release-services.ts';
import { silentMeter } from '../../simulation/silent-meter.ts';
import { FUNCTION_TIMEOUT_MS } from '../simulation/assumptions.ts';
import { type Environment, startSimulatedEventSource } from '../simulation/event-source.ts';
import { lambdaContext } from '../simulation/lambda-context.ts';
import { toRecord } from '../simulation/records.ts';
import { connectDirectly } from './clients.ts';
import { CONFIG, RELEASER } from './deployment.ts';
import type { Usage } from './usage.ts';
import type { ReleaseWorld } from './world.ts';

/** Starts the event source of a lane with this many concurrent batches of the real `provision-rooms`. */
export function startLane(world: ReleaseWorld, lane: Lane, workers: number, usage: Usage): void {
  const clients = connectDirectly(world, usage);
  const { clock, random, log } = world;
  const environments = Array.from({ length: workers }, (): Environment => {
    const services = createServices({ config: CONFIG, clients, clock, random, log, meter: silentMeter });
    return {
      async invoke(batch) {
        const context = lambdaContext(clock.nowMs() + FUNCTION_TIMEOUT_MS, clock.nowMs);
        const event = { Records: batch.map((message) => toRecord(message, lane)) };
        const { batchItemFailures } = await processBatch(event, context, services);
        return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      },
    };
  });
  const counts = Object.assign(usage, { sqsRequests: 0 });
  startSimulatedEventSource({ ...world, queue: world.queues[lane], counts }, environments);
}

const silentReleaseMeter = { noteReleases: () => undefined, countThrottle: () => undefined, publish: () => undefined };

export interface Releaser {
  /** Invocations that were left out, because the index listed nothing that was due. */
  skipped: number;
}

/**
 * Invokes the real `release-rooms` every minute. Each invocation has an execution environment of its own until it ends, as on Lambda.
 * Minutes in which the index lists nothing that is due are skipped.
 */
export function startReleaser(world: ReleaseWorld, usage: Usage): Releaser {
  const { time, clock, random, log } = world;
  const clients = connectDirectly(world, usage);
  const idle: (() => Promise<unknown>)[] = [];
  const releaser = { skipped: 0 };

  function newEnvironment() {
    const platform = { config: CONFIG, clients, clock, random, log, meter: silentReleaseMeter };
    const services = createReleaseServices(platform);
    return () => releaseRooms(lambdaContext(clock.nowMs() + RELEASER.timeoutMs, clock.nowMs), services);
  }

  async function invoke(): Promise<void> {
    const environment = idle.pop() ?? newEnvironment();
    const startedMs = time.nowMs();
    await environment();
    usage.invocations += 1;
    usage.billedMs += Math.ceil(time.nowMs() - startedMs);
    idle.push(environment);
  }

  function everyMinute(): void {
    time.after(RELEASER.everyMs, everyMinute);
    if (isAnythingDue(world)) void invoke();
    else releaser.skipped += 1;
  }

  // A scheduled rule runs within its minute, but not on the precise second 0.
  time.after(random() * RELEASER.everyMs, everyMinute);
  return releaser;
}

/** Whether a query of the due index would find something. */
function isAnythingDue({ memory, clock }: ReleaseWorld): boolean {
  const nowMs = clock.nowMs();
  const entries = memory.indexEntries(CONFIG.ledgerTable, DUE_INDEX_NAME);
  return entries.some(({ release_look_at }) => Number(release_look_at?.N) <= nowMs);
}
