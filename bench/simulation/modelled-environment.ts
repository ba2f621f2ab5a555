import type { TokenBuckets } from '../../emulator/ivschat/token-bucket.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import type { Lane } from '../../lib/contract/lanes.ts';
import { createPaceTable } from '../../lib/pace/pace-table.ts';
import { createPacer, type Pacer, PREPARATION_MS } from '../../lib/pace/pacer.ts';
import { createSlotLines, type SlotLines } from '../../lib/pace/slot-lines.ts';
import { postponeRecords } from '../../lib/platform/postpone.ts';
import { beginInvocation } from '../../lib/provisioning/invocation.ts';
import { Postponement } from '../../lib/provisioning/postponement.ts';
import { takeSlot } from '../../lib/provisioning/take-slot.ts';
import { returnsAtMs } from '../../lib/provisioning/wait-times.ts';
import { silentMeter } from '../../simulation/silent-meter.ts';
import {
  BULK_QUEUE_URL,
  CALLS_PER_ROOM,
  CALLS_PER_SECOND,
  CONFIG,
  drawLatencyMs,
  FUNCTION_TIMEOUT_MS,
  IVSCHAT_ONE_WAY_MS,
  LATENCY_MS,
} from './assumptions.ts';
import { createEnvironmentClock, type EnvironmentClock } from './environment-clock.ts';
import type { Environment } from './event-source.ts';
import type { SimulatedMessage } from './fair-queue.ts';
import { lambdaContext } from './lambda-context.ts';
import { connectTables } from './modelled-tables.ts';
import { toRecord } from './records.ts';
import { noteCreateRoom } from './servers.ts';
import type { ModelSetting } from './task.ts';
import { type SimulatedWorld, STRICT_LOG } from './world.ts';

/** One environment, with its state between invocations. */
interface Modelled extends ModelSetting {
  lane: Lane;
  world: SimulatedWorld;
  clock: EnvironmentClock;
  pacer: Pacer;
  /** The buckets of IVS Chat, which all environments of a run share. */
  buckets: TokenBuckets;
}

/**
 * A worker with the real pacing and the real postponing. Everything else (the ledger, IVS Chat's response, the completion) only takes time.
 * A run of 350,000 rooms therefore takes minutes instead of a day.
 */
export function createModelledEnvironment(
  world: SimulatedWorld,
  buckets: TokenBuckets,
  setting: ModelSetting,
  lane: Lane = 'bulk',
): Environment {
  const clock = createEnvironmentClock(world.time);
  const table = createPaceTable(connectTables(world, clock), CONFIG.paceTable);
  const pacer = createPacer(table, {
    callsPerSecond: CONFIG.callsPerSecond,
    probeScheduleSeconds: CONFIG.postponeScheduleSeconds,
  });
  const modelled = { ...setting, lane, world, clock, pacer, buckets };
  return { invoke: (batch) => invoke(modelled, batch) };
}

async function invoke(modelled: Modelled, batch: readonly SimulatedMessage[]): Promise<ReadonlySet<string>> {
  const { world, clock, pacer } = modelled;
  const context = lambdaContext(clock.nowMs() + FUNCTION_TIMEOUT_MS, clock.nowMs);
  const { end, ...limits } = beginInvocation(context, { clock, config: CONFIG, deadLetters: false });
  const slotLines = createSlotLines({ pacer, clock, random: world.random, ...limits });
  try {
    const results = await Promise.all(batch.map((message) => work(modelled, message, slotLines)));
    const postponed = results.filter((result) => result !== undefined);
    if (postponed.length > 0)
      await postponeRecords(BULK_QUEUE_URL, postponed, { clients: world.clients, clock, log: STRICT_LOG });
    return new Set(postponed.map(({ record }) => record.messageId));
  } finally {
    end();
  }
}

/** The steps of lib/provisioning/fulfil-request.ts. @returns the record if it is postponed */
async function work(modelled: Modelled, message: SimulatedMessage, slotLines: SlotLines) {
  await writeLedger(modelled); // the claim
  try {
    await createRoom(modelled, message, slotLines);
  } catch (error) {
    if (!(error instanceof Postponement)) throw error;
    await writeLedger(modelled); // the release
    return { record: toRecord(message), untilMs: returnTimeMs(error, message, modelled) };
  }
  await writeLedger(modelled); // the checkpoint
  modelled.world.counts.snsPublishes += 1;
  await computeForCall(modelled);
  await pass(modelled, LATENCY_MS.sns);
  await writeLedger(modelled); // the completion
  return undefined;
}

/** In this model messages wait only for slots, so the number of receives is the number of postponements. */
function returnTimeMs(
  why: Postponement,
  { sentAtMs, receiveCount: count }: SimulatedMessage,
  modelled: Modelled,
): number {
  const { clock, world } = modelled;
  const neededByMs = sentAtMs + CONFIG.requestMaxAgeMs;
  return returnsAtMs(why, { nowMs: clock.nowMs(), sinceMs: sentAtMs, count, neededByMs, random: world.random });
}

async function createRoom(modelled: Modelled, { id, region }: SimulatedMessage, slotLines: SlotLines) {
  const { world, clock, pacer, buckets } = modelled;
  const request = { region, lane: modelled.lane, ledgerKey: ledgerKey(id) };
  const services = { clock, pacer, meter: silentMeter };
  for (;;) {
    const call = { api: 'CreateRoom', leadMs: PREPARATION_MS } as const;
    const slot = await takeSlot({ message: request, invocation: { slotLines }, services }, call);
    await writeLedger(modelled); // the intent
    await computeForCall(modelled);
    await clock.sleep(Math.max(0, slot.atMs - clock.nowMs()), NEVER);
    if (!pacer.isPunctual(slot, 'sending')) {
      await writeLedger(modelled); // the intent is removed
      continue;
    }
    await pass(modelled, IVSCHAT_ONE_WAY_MS);
    const isAccepted = buckets.take('CreateRoom', region, { tps: CALLS_PER_SECOND, burst: 2 }, clock.nowMs());
    noteCreateRoom({ status: isAccepted ? 200 : 429 }, world.counts);
    await pass(modelled, LATENCY_MS.ivschat - IVSCHAT_ONE_WAY_MS);
    if (isAccepted) return;
    await writeLedger(modelled); // the intent is removed
    await pacer.noteThrottle({ region, api: 'CreateRoom', reservedAtMs: slot.reservedAtMs });
  }
}

async function writeLedger(modelled: Modelled): Promise<void> {
  const { counts } = modelled.world;
  counts.ledgerWrites += 1;
  counts.ledgerUnits += modelled.unitsPerLedgerWrite;
  counts.writeUnits += modelled.unitsPerLedgerWrite;
  await computeForCall(modelled);
  await pass(modelled, LATENCY_MS.dynamodb);
}

/** A request's processor time is spent on building, signing and reading its calls, so it is distributed evenly over them. */
function computeForCall({ clock, cpuMs }: Modelled): Promise<void> {
  return clock.compute(cpuMs / CALLS_PER_ROOM);
}

function pass({ world, clock }: Modelled, typicalMs: number): Promise<void> {
  return clock.sleep(drawLatencyMs(typicalMs, world.random), NEVER);
}

const NEVER = new AbortController().signal;
