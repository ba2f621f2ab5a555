import { setTimeout as pause } from 'node:timers/promises';
import { REGIONS, type Region } from '../../lib/contract/regions.ts';
import { createTokenBuckets } from '../../local/ivschat/token-bucket.ts';
import { type Environment, startSimulatedEventSource } from './event-source.ts';
import { createHandlerEnvironment } from './handler-environment.ts';
import { createModelledEnvironment } from './modelled-environment.ts';
import type { ImportResult, ImportTask } from './task.ts';
import { createSimulatedWorld, type SimulatedWorld } from './world.ts';

// Sending takes ten messages a call.
const SEND_BATCH = 10;
const STEPS_PER_PROGRESS = 50_000;
const DAY_MS = 86_400_000;

/** Simulates an import of rooms from its sending until the queue is empty. @throws Error if it never is */
export async function simulateImport(task: ImportTask, progress: (done: number) => void): Promise<ImportResult> {
  const world = createSimulatedWorld(task.seed);
  const { time, queue, counts } = world;
  const beganMs = time.nowMs;
  queue.send(messagesOf(task));
  counts.sqsRequests += Math.ceil(task.rooms / SEND_BATCH);
  startSimulatedEventSource(world, environmentsFor(task, world));
  let steps = 0;
  await time.run(beganMs + 7 * DAY_MS, () => {
    steps += 1;
    if (steps % STEPS_PER_PROGRESS === 0) progress(task.rooms - queue.length);
    return queue.length === 0;
  });
  if (queue.length > 0)
    throw new Error(`${queue.length} of ${task.rooms} messages are left after seven simulated days`);
  return { ...counts, seconds: (time.nowMs - beganMs) / 1000 };
}

function environmentsFor({ workers, model }: ImportTask, world: SimulatedWorld): Environment[] {
  const buckets = createTokenBuckets();
  return Array.from({ length: workers }, (_, index) =>
    model ? createModelledEnvironment(world, buckets, model) : createHandlerEnvironment(world, `worker-${index}`),
  );
}

/** Sorted by region, which is the worst order: only the message groups mix the regions. */
function messagesOf({ rooms, regions }: ImportTask): { id: string; region: Region; body: string }[] {
  return Array.from({ length: rooms }, (_, index) => {
    const region = REGIONS[Math.floor((index * regions) / rooms)] ?? 'eu-west-1';
    const id = `row-${index}`;
    return { id, region, body: JSON.stringify({ idempotencyKey: id, room: { name: id }, region, tenant: 'importer' }) };
  });
}

/** The SDK reads its configuration files when it is first used in a process, and no virtual clock waits for a disk. */
export async function warmUpSdk(): Promise<void> {
  const task = { rooms: REGIONS.length, regions: REGIONS.length, workers: 1, seed: 0 };
  const world = createSimulatedWorld(task.seed);
  world.queue.send(messagesOf(task));
  startSimulatedEventSource(world, environmentsFor(task, world));
  while (world.queue.length > 0) {
    await world.time.run(Number.POSITIVE_INFINITY, () => world.queue.length === 0);
    await pause(1);
  }
}
