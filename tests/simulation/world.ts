import { createIvsChat, type IvsChat } from '../../emulator/ivschat/ivs-chat.ts';
import type { Random } from '../../lib/platform/backoff.ts';
import { LEDGER_TABLE } from '../../simulation/ledger-table.ts';
import { createMemoryDynamoDb, type MemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';
import { createMemoryMessaging, type MemoryMessaging } from '../../simulation/memory-messaging.ts';
import type { MemoryMessage, MemoryQueue, QueueSettings } from '../../simulation/memory-queue.ts';
import { createVirtualTime, type VirtualTime, type Worker } from '../../simulation/virtual-time.ts';
import { TIMING } from '../fixtures/simulated-stage.ts';
import { type FaultCounts, type FaultKind, noFaults } from './faults.ts';
import { createNamesakeList, type NamesakeList } from './namesakes.ts';
import type { Outage } from './outages.ts';
import { readQueueRules } from './queue-rules.ts';
import type { ReleasePart } from './release-part.ts';
import { createScenario, type Scenario, type ScenarioRequest } from './scenario.ts';

export const START_MS = Date.UTC(2026, 0, 1);
export const LANE = 'interactive';
export const DEAD_LETTERS = 'dead-letters';
export const REDRIVE = 'redrive';

const RULES = readQueueRules();

/** The state of one run: its services, its clock, its random source and its faults. */
export interface World {
  random: Random;
  time: VirtualTime;
  scenario: Scenario;
  dynamodb: MemoryDynamoDb;
  messaging: MemoryMessaging;
  /** The messages sent so far, in order, with their requests. */
  sent: Map<MemoryMessage, ScenarioRequest>;
  ivsChat: IvsChat;
  /** The rooms of others that ListRooms returns in addition to greenroom's. */
  namesakes?: NamesakeList | undefined;
  faults: FaultCounts;
  /** The events of the run, as text. Only a traced run keeps them. */
  trace: string[] | undefined;
  /** The first broken promise. */
  violation: Error | undefined;
  calls: Record<string, number>;
  activeInvocations: number;
  /** The ARNs of the rooms whose release was decided. */
  released: ReadonlySet<string>;
  releases?: ReleasePart | undefined;
}

export interface WorldOptions {
  traced?: boolean | undefined;
  scenario?: Scenario;
  releases?: ReleasePart | undefined;
}

export function createWorld(random: Random, { traced, releases, ...options }: WorldOptions = {}): World {
  const time = createVirtualTime(START_MS, random);
  const scenario = options.scenario ?? createScenario(random, START_MS);
  const listingLagMs = TIMING.listingLagSeconds * 1000;
  const newRoomLagMs = releases?.plan.newRoomLagMs ?? 0;
  const faults = noFaults();
  const index = releases && { indexed: { ledger: LEDGER_TABLE }, indexLagMs: () => releases.indexLagMs(faults) };
  return {
    random,
    time,
    scenario,
    namesakes: scenario.namesakes && createNamesakeList(scenario.namesakes, random, START_MS, listingLagMs),
    dynamodb: createMemoryDynamoDb({ now: time.nowMs, ...index }),
    messaging: openLane(time.nowMs, RULES),
    sent: new Map(),
    ivsChat: createIvsChat({
      now: time.nowMs,
      random,
      signatureLifetimeMs: TIMING.signatureLifetimeSeconds * 1000,
      listingLagMs,
      newRoomLagMs,
    }),
    faults,
    trace: traced ? [] : undefined,
    violation: undefined,
    calls: {},
    activeInvocations: 0,
    released: releases?.released ?? new Set(),
    releases,
  };
}

/** The interactive queue and the redrive queue with their dead-letter queue. All have the same retention. */
export function openLane(nowMs: () => number, rules: QueueSettings): MemoryMessaging {
  const messaging: MemoryMessaging = createMemoryMessaging(nowMs, (name) =>
    name === LANE || name === REDRIVE
      ? { ...rules, deadLetters: messaging.queue(DEAD_LETTERS) }
      : { ...rules, maxReceiveCount: Number.POSITIVE_INFINITY },
  );
  return messaging;
}

/** The current or last queue of a message. */
export function queueNameOf({ deadLetterSource }: MemoryMessage): typeof LANE | typeof DEAD_LETTERS {
  return deadLetterSource === undefined ? LANE : DEAD_LETTERS;
}

export function queueOf({ messaging }: World, message: MemoryMessage): MemoryQueue {
  const redrive = messaging.queue(REDRIVE);
  return redrive.messages().includes(message) ? redrive : messaging.queue(queueNameOf(message));
}

/** The messages that are not done, in the order of sending. */
export function waitingMessages({ sent, releases }: World): MemoryMessage[] {
  return [...sent.keys(), ...(releases?.commands.keys() ?? [])].filter(({ gone }) => gone === undefined);
}

export function outagesOf({ scenario }: World): readonly Outage[] {
  return scenario.outages ?? [];
}

/** Draws whether a fault happens now. */
export function strikes(world: World, share = 1): boolean {
  const { time, scenario, random } = world;
  return time.nowMs() < scenario.calmFromMs && random() < scenario.intensity * share;
}

export function count(world: World, kind: FaultKind): void {
  world.faults[kind] += 1;
}

/** Adds a line to the trace: when, who and what. */
export function note(world: World, who: Worker | undefined, what: string): void {
  if (!world.trace) return;
  const seconds = ((world.time.nowMs() - START_MS) / 1000).toFixed(3).padStart(10);
  world.trace.push(`${seconds}s ${(who?.name ?? 'world').padEnd(6)} ${what}`);
}

/** Checks promises. The first broken one ends the run. */
export function check(world: World, promises: () => void): void {
  try {
    promises();
  } catch (error) {
    world.violation ??= error instanceof Error ? error : new Error(String(error));
    note(world, undefined, `==> ${world.violation.message}`);
  }
}

/** Stops a worker for good. */
export function crash(world: World, worker: Worker): void {
  if (!worker.alive) return;
  end(world, worker);
  note(world, worker, 'CRASH');
}

/** Ends the work of a worker. */
export function end(world: World, worker: Worker): void {
  worker.alive = false;
  if (world.releases?.has(worker)) world.releases.active -= 1;
  else world.activeInvocations -= 1;
}
