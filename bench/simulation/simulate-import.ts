import { setTimeout as pause } from 'node:timers/promises';
import { createTokenBuckets } from '../../emulator/ivschat/token-bucket.ts';
import { messageGroup } from '../../lib/contract/keys.ts';
import { REGIONS, type Region } from '../../lib/contract/regions.ts';
import { type Environment, startSimulatedEventSource } from './event-source.ts';
import type { NewMessage, SimulatedMessage } from './fair-queue.ts';
import { createHandlerEnvironment } from './handler-environment.ts';
import { createModelledEnvironment } from './modelled-environment.ts';
import type { ImportResult, ImportTask } from './task.ts';
import { createSimulatedWorld, type SimulatedWorld } from './world.ts';

// One call sends ten messages.
const SEND_BATCH = 10;
const STEPS_PER_PROGRESS = 50_000;
const DAY_MS = 86_400_000;

/** Simulates an import of rooms until the queue is empty, or until the first rooms exist. @throws Error if messages are left after seven simulated days */
export async function simulateImport(task: ImportTask, progress: (done: number) => void): Promise<ImportResult> {
  const reader = createReader(task);
  const others = watchOthers(task);
  const world = createSimulatedWorld(task.seed, (message) => {
    others.done(message, world.time.nowMs());
    send(world, reader.next(message));
  });
  const { time, queue, counts } = world;
  const beganMs = time.nowMs();
  send(world, reader.first());
  time.after((task.others?.afterSeconds ?? 0) * 1000, () => {
    others.sent();
    send(world, othersMessages(task));
  });
  startSimulatedEventSource(world, environmentsFor(task, world));
  let steps = 0;
  const { onlyFirst = Number.POSITIVE_INFINITY } = task;
  const isOver = () => counts.rooms >= onlyFirst || (queue.length === 0 && others.left() === 0);
  await time.run(beganMs + 7 * DAY_MS, () => {
    steps += 1;
    if (steps % STEPS_PER_PROGRESS === 0) progress(task.rooms - queue.length - reader.left());
    return isOver();
  });
  if (!isOver()) throw new Error(`${queue.length} of ${task.rooms} messages are left after seven simulated days`);
  return { ...counts, seconds: (time.nowMs() - beganMs) / 1000, ...others.result(beganMs) };
}

function send({ queue, counts }: SimulatedWorld, messages: readonly NewMessage[]): void {
  queue.send(messages);
  counts.sqsRequests += messages.length / SEND_BATCH;
}

/**
 * Sends the import's rows, either all together or as a bulk job's reader does: separately for each region, and more whenever
 * half of the region's outstanding rows are answered.
 */
function createReader(task: ImportTask) {
  const rows = Map.groupBy(messagesOf(task), ({ region }) => region);
  const { outstanding: limit } = task;
  const outstanding = new Map<Region, number>();

  function nextOf(region: Region): NewMessage[] {
    const open = outstanding.get(region) ?? 0;
    if (limit !== undefined && open > limit / 2) return [];
    const next = rows.get(region)?.splice(0, (limit ?? Number.POSITIVE_INFINITY) - open) ?? [];
    outstanding.set(region, open + next.length);
    return next;
  }

  return {
    first: () => [...rows.keys()].flatMap(nextOf),
    next({ region, group }: SimulatedMessage): NewMessage[] {
      if (group !== groupOf('importer', region)) return [];
      outstanding.set(region, (outstanding.get(region) ?? 0) - 1);
      return nextOf(region);
    },
    left: () => [...rows.values()].reduce((sum, { length }) => sum + length, 0),
  };
}

/** Records, for each of the other tenants, when its last request is done. */
function watchOthers({ others }: ImportTask) {
  const lastMs = new Map<string, number>();
  let open = (others?.tenants ?? 0) * (others?.rooms ?? 0);
  let importedMeanwhile = 0;
  let isSent = false;
  return {
    left: () => open,
    sent(): void {
      isSent = true;
    },
    done({ group, region }: SimulatedMessage, nowMs: number): void {
      if (group !== groupOf('importer', region)) {
        open -= 1;
        lastMs.set(group, nowMs);
      } else if (isSent && open > 0) importedMeanwhile += 1;
    },
    result: (beganMs: number) => ({
      othersSeconds: [...lastMs.values()].map((atMs) => (atMs - beganMs) / 1000 - (others?.afterSeconds ?? 0)),
      importedMeanwhile,
    }),
  };
}

function environmentsFor({ workers, model }: ImportTask, world: SimulatedWorld): Environment[] {
  const buckets = createTokenBuckets();
  return Array.from({ length: workers }, (_, index) =>
    model ? createModelledEnvironment(world, buckets, model) : createHandlerEnvironment(world, `worker-${index}`),
  );
}

/** Sorted by region, which is the worst order: only the message groups mix the regions. */
function messagesOf({ rooms, regions }: ImportTask): NewMessage[] {
  return Array.from({ length: rooms }, (_, index) => {
    const region = REGIONS[Math.floor((index * regions) / rooms)] ?? 'eu-west-1';
    return messageOf('importer', `row-${index}`, region);
  });
}

function othersMessages({ others }: ImportTask): NewMessage[] {
  const tenants = Array.from({ length: others?.tenants ?? 0 }, (_, index) => `other-${index}`);
  const rows = Array.from({ length: others?.rooms ?? 0 }, (_, index) => index);
  return tenants.flatMap((tenant) => rows.map((row) => messageOf(tenant, `${tenant}-${row}`, REGIONS[0])));
}

function messageOf(tenant: string, id: string, region: Region): NewMessage {
  const body = JSON.stringify({ idempotencyKey: id, room: { name: id }, region, tenant });
  return { id, region, group: groupOf(tenant, region), body };
}

function groupOf(tenant: string, region: Region): string {
  return messageGroup({ tenant, region });
}

/** Makes the SDK read its configuration files before the run, because a virtual clock does not wait for a disk. */
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
