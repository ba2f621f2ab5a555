import { makeRequests } from '../harness/requests.ts';
import type { ScenarioContext } from '../harness/scenario.ts';
import type { Bundle } from './bundles.ts';
import { inFreshProcess } from './measured-process.ts';
import type { Cost, HandledTask } from './measured-task.ts';

/** A bundle, and a function that returns the environment for its process, including the given additional variables. */
export interface Measured {
  bundle: Bundle;
  environmentWith(more: Record<string, string>): Record<string, string>;
}

/** How often each measurement is repeated. Each run has a process of its own, and the bundles take turns. */
export interface Runs {
  coldStarts: number;
  warmRuns: number;
  /** Batches of ten that follow each other immediately, without a quota. */
  lifted: WarmTask;
  /** Batches of ten at the quota. */
  paced?: WarmTask;
}

interface WarmTask {
  /** Batches that are handled before the measurement. */
  warmUp: number;
  batches: number;
}

export interface Loaded {
  bundle: Bundle;
  loads: readonly Cost[];
}

/** The figures of a bundle that handles room requests. */
export interface Requests extends Loaded {
  /** The first request of each process, a batch with one record. */
  firsts: readonly Cost[];
  lifted: readonly WarmRun[];
  paced: readonly WarmRun[];
}

export interface WarmRun {
  /** For each room. */
  cpuMs: number;
  /** For each room. */
  allocatedBytes: number;
  /** The largest resident memory of the process. */
  peakBytes: number;
}

const BATCH = 10;
/** A batch of ten every two seconds uses the quota of 5 rooms a second. */
const PACED_MS = 2_000;
const LIFTED = { GREENROOM_CREATE_ROOM_TPS: '10000' };

/**
 * Measures cold starts and warm processes.
 * @throws Error if a function returns a message to its queue, because the results could then not be compared
 */
export async function measureRequests(
  { progress, signal }: ScenarioContext,
  compared: readonly Measured[],
  { coldStarts, warmRuns, lifted, paced }: Runs,
): Promise<Requests[]> {
  const figures = compared.map((measured) => ({
    measured,
    bundle: measured.bundle,
    loads: [] as Cost[],
    firsts: [] as Cost[],
    lifted: [] as WarmRun[],
    paced: [] as WarmRun[],
  }));
  for (let round = 1; round <= coldStarts; round++) {
    progress(`floor: cold start ${round} of ${coldStarts}`);
    for (const each of figures) {
      signal.throwIfAborted();
      const { load, first } = await coldStart(each.measured);
      each.loads.push(load);
      each.firsts.push(first);
    }
  }
  for (let round = 1; round <= warmRuns; round++) {
    progress(`floor: warm run ${round} of ${warmRuns}`);
    for (const each of figures) {
      signal.throwIfAborted();
      each.lifted.push(await warmRun(each.measured.environmentWith(LIFTED), lifted));
      if (paced) each.paced.push(await warmRun(each.measured.environmentWith({}), paced, PACED_MS));
    }
  }
  return figures;
}

/** Measures only the loading of functions. */
export async function measureLoads(
  { progress, signal }: ScenarioContext,
  functions: readonly Measured[],
  { coldStarts }: Runs,
): Promise<Loaded[]> {
  const figures = functions.map((measured) => ({ measured, bundle: measured.bundle, loads: [] as Cost[] }));
  for (let round = 1; round <= coldStarts; round++) {
    progress(`floor: load ${round} of ${coldStarts} of the other functions`);
    for (const { measured, loads } of figures) {
      signal.throwIfAborted();
      loads.push(await inFreshProcess(measured.environmentWith({}), async ({ loaded }) => loaded));
    }
  }
  return figures;
}

function coldStart({ environmentWith }: Measured): Promise<{ load: Cost; first: Cost }> {
  return inFreshProcess(environmentWith({}), async ({ loaded, handle }) => ({
    load: loaded,
    first: requireAll(await handle({ batches: makeBatches(1, 1) })),
  }));
}

function warmRun(
  environment: Record<string, string>,
  { warmUp, batches }: WarmTask,
  everyMs?: number,
): Promise<WarmRun> {
  const taskOf = (count: number) => ({ batches: makeBatches(count, BATCH), ...(everyMs !== undefined && { everyMs }) });
  return inFreshProcess(environment, async ({ handle }) => {
    requireAll(await handle(taskOf(warmUp)));
    const { cpuMs, allocatedBytes, peakBytes } = requireAll(await handle(taskOf(batches)));
    const rooms = batches * BATCH;
    return { cpuMs: cpuMs / rooms, allocatedBytes: allocatedBytes / rooms, peakBytes };
  });
}

function requireAll(handled: HandledTask): HandledTask {
  if (handled.failures > 0) throw new Error(`${handled.failures} messages returned to their queue`);
  return handled;
}

let batchesMade = 0;

function makeBatches(count: number, size: number): object[][] {
  return Array.from({ length: count }, () => {
    batchesMade += 1;
    return makeRequests(size, { name: `floor-${batchesMade}` }).map(({ key, body }) => ({
      messageId: key,
      receiptHandle: key,
      body,
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) },
      messageAttributes: {},
      eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:greenroom-local-interactive',
    }));
  });
}
