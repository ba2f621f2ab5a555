import type { Item } from '../../emulator/dynamodb/dynalite.ts';
import { createIndexLag } from '../../emulator/dynamodb/index-lag.ts';
import type { Random } from '../../lib/platform/backoff.ts';
import type { MemoryMessage } from '../../simulation/memory-queue.ts';
import { currentWorker, type Worker } from '../../simulation/virtual-time.ts';
import type { FaultCounts } from './faults.ts';
import type { Outage } from './outages.ts';
import type { ReleasePlan, ScenarioCommand } from './release-plan.ts';

/** A call that uses the quota of an API. */
export interface PacedCall {
  api: 'GetRoom' | 'DeleteRoom';
  sentAtMs: number;
}

/**
 * The part of a run that is about releases: the releaser, the sweeper beside it, and operators. It has its own random source, so that a seed
 * whose scenario has no releases stays as it was.
 */
export interface ReleasePart {
  plan: ReleasePlan;
  random: Random;
  /** Whether code that runs now belongs to this part. */
  isRunning(): boolean;
  has(worker: Worker): boolean;
  add(worker: Worker): void;
  /** How many workers of this part are at work. */
  active: number;
  /** The messages of the commands sent so far. */
  commands: Map<MemoryMessage, ScenarioCommand>;
  pacedCalls: PacedCall[];
  /** The outages in which a call of this part has failed. */
  metOutages: Set<Outage>;
  /** The ARNs of the rooms whose release was decided. */
  released: Set<string>;
  /** The ARNs of the rooms whose release was due before calls could see them. */
  tooNew: Set<string>;
  /** The ids of the items of the crowd. */
  crowd: Set<string>;
  /** The last state of the items that DynamoDB has removed, by id. */
  removed: Map<string, Item>;
  /** Draws how late the due index shows a change. */
  indexLagMs(faults: FaultCounts): number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

export function createReleasePart(plan: ReleasePlan, random: Random): ReleasePart {
  const workers = new WeakSet<Worker>();
  const lagMs = createIndexLag(plan.indexLag, random);
  return {
    plan,
    random,
    isRunning() {
      const worker = currentWorker.getStore();
      return worker !== undefined && workers.has(worker);
    },
    has: (worker) => workers.has(worker),
    add: (worker) => void workers.add(worker),
    active: 0,
    commands: new Map(),
    pacedCalls: [],
    metOutages: new Set(),
    released: new Set(),
    tooNew: new Set(),
    crowd: new Set(),
    removed: new Map(),
    indexLagMs(faults) {
      const ms = lagMs();
      if (ms > MINUTE_MS) faults['index shows a change minutes late'] += 1;
      else if (ms > SECOND_MS) faults['index shows a change seconds late'] += 1;
      return ms;
    },
  };
}
