import { createRandom } from '../../emulator/random.ts';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import type { Log } from '../../lib/platform/log.ts';
import { createVirtualTime, type VirtualTime } from '../../simulation/virtual-time.ts';
import { type Counts, createCounts } from './counts.ts';
import { createQueue, type Queue, type SimulatedMessage } from './fair-queue.ts';
import { connectClients } from './network.ts';
import { createServers, type Servers } from './servers.ts';

/** The state of one simulated run: its clock, its random source, its queue, the services and the counters. */
export interface SimulatedWorld {
  time: VirtualTime;
  random: () => number;
  queue: Queue;
  servers: Servers;
  clients: AwsClients;
  counts: Counts;
}

const START_MS = Date.UTC(2026, 0, 1);

/** @param onDone called for each message that is deleted */
export function createSimulatedWorld(seed: number, onDone?: (message: SimulatedMessage) => void): SimulatedWorld {
  const random = createRandom(seed);
  const time = createVirtualTime(START_MS, random);
  const counts = createCounts();
  const queue = createQueue(time, random, onDone);
  const servers = createServers({ time, random, queue, counts });
  return { time, random, queue, servers, clients: connectClients({ time, random, servers, counts }), counts };
}

const nothing = () => undefined;

/** Warnings and errors end the run, because this simulation has no faults that could cause them. */
export const STRICT_LOG: Log = { debug: nothing, info: nothing, warn: fail, error: fail };

function fail(message: unknown, ...details: unknown[]): never {
  throw new Error(`Logged in the simulation: ${JSON.stringify([message, ...details])}`);
}
