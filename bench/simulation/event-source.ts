import { BATCH_SIZE, drawLatencyMs, INVOKE_MS, LATENCY_MS } from './assumptions.ts';
import type { SimulatedMessage } from './fair-queue.ts';
import type { SimulatedWorld } from './world.ts';

/** One execution environment, which handles one batch at a time. @returns the ids of the messages that are not done */
export interface Environment {
  invoke(batch: readonly SimulatedMessage[]): Promise<ReadonlySet<string>>;
}

/** The queue, and the other parts of the simulated world that an event source needs. */
type Source = Pick<SimulatedWorld, 'time' | 'random' | 'queue'> & {
  counts: Pick<SimulatedWorld['counts'], 'sqsRequests' | 'invocations' | 'billedMs'>;
};

/** Starts Lambda's event source on the queue: each environment gets the next batch as soon as it is free. */
export function startSimulatedEventSource(world: Source, environments: readonly Environment[]): void {
  for (const environment of environments) void poll(world, environment);
}

async function poll(world: Source, environment: Environment): Promise<never> {
  const { time, random, queue, counts } = world;
  const wait = (ms: number) => new Promise<void>((resolve) => time.after(drawLatencyMs(ms, random), () => resolve()));
  for (;;) {
    await queue.visible();
    counts.sqsRequests += 1;
    await wait(LATENCY_MS.sqs);
    const batch = queue.receive(BATCH_SIZE);
    if (batch.length === 0) continue;
    await wait(INVOKE_MS);
    const startedMs = time.nowMs();
    const failed = await environment.invoke(batch);
    counts.invocations += 1;
    counts.billedMs += Math.ceil(time.nowMs() - startedMs);
    queue.finish(batch, failed);
    if (failed.size < batch.length) {
      counts.sqsRequests += 1;
      await wait(LATENCY_MS.sqs);
    }
  }
}
