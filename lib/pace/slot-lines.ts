import type { Lane } from '../contract/lanes.ts';
import type { Clock } from '../platform/clock.ts';
import type { CallLane, Paused } from './operator-settings.ts';
import type { PaceItem, RoomApi } from './pace-item.ts';
import type { Pacer } from './pacer.ts';
import type { Prober } from './probe.ts';
import type { Full, RegionClosed, Slot, Stopped, Turn } from './slot.ts';
import { LONGEST_LEAD_MS } from './turn-lead.ts';
import { takesTurns } from './turns.ts';

/** A call of a request that waits for its slot. If its room is needed soon, it may probe an open breaker sooner. */
export interface RequestCall extends Prober {
  region: string;
  api: RoomApi;
  lane: Lane;
  /** The slot of its last call, if that call was a probe and must be repeated. */
  heldProbe?: Slot | undefined;
  /** How long before the time of the slot `take` returns, so that the call can be prepared. Default: 0 */
  leadMs?: number;
  /** The short id of the bulk job for which a room is created, if there is one. */
  bulkJob?: string | undefined;
}

/** A call of a release that waits for its slot (release-slots.ts). Only CreateRoom has a breaker, so such a call never probes. */
export interface ReleaseCall {
  region: string;
  api: Exclude<RoomApi, 'CreateRoom'>;
  lane: 'releases';
  leadMs?: number;
}

export type Call = RequestCall | ReleaseCall;

export type SlotResult = Slot | Full | RegionClosed | Paused | Stopped;

export interface SlotLinesSettings {
  pacer: Pacer;
  clock: Clock;
  random(): number;
  /** No call is sent after this time. */
  lastSendMs: number;
  /** Aborts every wait. */
  signal: AbortSignal;
}

/** The lines in which the calls of one invocation wait for their slots. */
export interface SlotLines {
  /**
   * Waits for a slot, and then until `leadMs` before the time of the slot.
   * @returns the slot, or why the call may not be sent: no slot is free before `lastSendMs`, the region's breaker is open, or an operator
   *   has paused the lane or stopped the call's job
   * @throws the signal's reason when the signal is aborted
   */
  take(call: Call): Promise<SlotResult>;
}

const STOPPED: Stopped = { kind: 'stopped' };

interface Waiting {
  call: Call;
  resolve(result: SlotResult): void;
  reject(reason: unknown): void;
}

interface Line {
  waiting: Waiting[];
  /** How many attempts in a row found no slot that is near enough to be reserved. */
  failedTries: number;
}

/**
 * How far ahead each lane reserves. The interactive lane reserves further ahead than the others, so a waiting interactive call comes before
 * every call of the other lanes that has no slot yet. No lane reserves further ahead, because a reserved slot keeps the rate at which it
 * was reserved, even if that rate has become too high or too low. Releases reserve as late as bulk calls, so an interactive request that
 * looks for its room comes first, and a stop of the releases takes effect within a second. Bulk calls that take turns reserve later
 * (turn-lead.ts).
 */
const AHEAD_MS: Record<CallLane, number> = { interactive: 3_000, bulk: 1_000, releases: 1_000 };
/** A worker's own clock and timers are not exact. A write that arrives too early is refused. */
const AFTER_REACH_MS = 1;
/**
 * How long a worker waits at its turn before it reserves. A worker that has lost its slot to an interactive call does not wait, so it gets
 * the next slot before the worker whose turn it is.
 */
const YIELD_MS = 12;

/**
 * One line per region, API and lane. A single write reserves slots for all calls that wait in a line, as many as are near enough. A call
 * that wakes too late for its slot takes another one.
 */
export function createSlotLines(settings: SlotLinesSettings): SlotLines {
  const lines = new Map<string, Line>();

  function join(call: Call): Promise<SlotResult> {
    return new Promise((resolve, reject) => {
      const id = `${call.region}#${call.api}#${call.lane}`;
      const line = lines.get(id);
      const waiting = { call, resolve, reject };
      if (line) {
        line.waiting.push(waiting);
        return;
      }
      const newLine = { waiting: [waiting], failedTries: 0 };
      lines.set(id, newLine);
      void serve(id, newLine, call);
    });
  }

  async function serve(id: string, line: Line, place: Call): Promise<void> {
    try {
      while (line.waiting.length > 0) await serveOnce(line, place, settings);
    } catch (error) {
      for (const { reject } of line.waiting.splice(0)) reject(error);
    } finally {
      // There is no `await` between the check that the line is empty and its removal, so no call can join a line that is no longer served.
      lines.delete(id);
    }
  }

  return { take: (call) => takePunctually(call, join, settings) };
}

/** Takes slots until the call wakes in time for one of them. */
async function takePunctually(
  call: Call,
  join: (call: Call) => Promise<SlotResult>,
  { pacer, clock, signal }: SlotLinesSettings,
): Promise<SlotResult> {
  for (;;) {
    const refused = refusal(call, pacer);
    if (refused) return refused;
    const result = await join(call);
    if (result.kind !== 'slot') return result;
    await clock.sleep(Math.max(0, result.atMs - (call.leadMs ?? 0) - clock.nowMs()), signal);
    // The job may have been stopped, or the breaker opened, after the reservation.
    const refusedSince = refusal(call, pacer, result);
    if (refusedSince) return refusedSince;
    if (pacer.isPunctual(result, 'woken')) return result;
  }
}

/** Why a call may not be sent although it is its turn. A release is never refused, because it has neither a breaker nor a job. */
function refusal(call: Call, pacer: Pacer, slot?: Slot): RegionClosed | Stopped | undefined {
  if (call.lane === 'releases') return undefined;
  if (pacer.isStopped(call.bulkJob)) return STOPPED;
  return slot ? pacer.regionClosed(call, slot) : pacer.foundClosed(call);
}

/** Reserves slots for the calls that wait in a line, or waits until a slot is near enough to be reserved. */
async function serveOnce(line: Line, place: Call, settings: SlotLinesSettings): Promise<void> {
  const { pacer, clock, lastSendMs } = settings;
  const { region, api, lane } = place;
  turnAwayStopped(line, pacer);
  if (line.waiting.length === 0) return;
  const turn = takesTurns(place) ? pacer.turn(region, api) : undefined;
  if (turn && turn.slotMs > lastSendMs) return resolveAll(line.waiting, { kind: 'full', freeAtMs: turn.slotMs });
  if (turn) await awaitTurn(turn, line, settings);
  const latestMs = Math.min(lastSendMs, clock.nowMs() + (turn?.leadMs ?? aheadOf(place)));
  const wanted = { region, api, lane, count: line.waiting.length, latestMs, turn };
  const reservation = await pacer.reserve(wanted);
  // A worker learns of a stopped job from this response at the latest. The slots then go to the other calls of the line.
  turnAwayStopped(line, pacer);
  switch (reservation.kind) {
    case 'slots':
      for (const slot of reservation.slots) line.waiting.shift()?.resolve(slot);
      line.failedTries = 0;
      return;
    case 'paused':
      return resolveAll(line.waiting, reservation);
    case 'open-breaker':
      return turnAway(line.waiting, reservation.item, pacer);
    case 'full':
      line.failedTries += 1;
      if (Math.max(reservation.freeAtMs, clock.nowMs()) > lastSendMs) return resolveAll(line.waiting, reservation);
      await awaitReach(reservation, line, place, settings);
  }
}

function aheadOf(call: Call): number {
  return takesTurns(call) ? LONGEST_LEAD_MS : AHEAD_MS[call.lane];
}

/** Waits until the worker may reserve the slot of its turn. */
async function awaitTurn(
  { slotMs, isMember, leadMs }: Turn,
  { failedTries }: Line,
  settings: SlotLinesSettings,
): Promise<void> {
  const { clock, random, signal } = settings;
  // A worker that is not in the rotation yet competes with others like it.
  const lostBefore = isMember ? 0 : random() * YIELD_MS;
  const yieldMs = failedTries === 0 ? YIELD_MS : lostBefore;
  await clock.sleep(Math.max(0, slotMs - leadMs + AFTER_REACH_MS + yieldMs - clock.nowMs()), signal);
}

/**
 * Waits until the next free slot is near enough. The jitter spreads the attempts of workers that take no turns. A worker that tries later
 * can also reserve several slots with one write. The jitter shrinks with each attempt that finds no slot, so that a line that has waited
 * longer tries again sooner.
 */
async function awaitReach({ freeAtMs }: Full, line: Line, place: Call, settings: SlotLinesSettings): Promise<void> {
  const { clock, random, signal } = settings;
  const aheadMs = aheadOf(place);
  const jitterMs = takesTurns(place) ? 0 : (random() * aheadMs) / (1 + line.failedTries);
  await clock.sleep(Math.max(1, freeAtMs - aheadMs - clock.nowMs()) + jitterMs, signal);
}

/** Turns away the calls of stopped jobs, which need no slots. */
function turnAwayStopped(line: Line, pacer: Pacer): void {
  const isStopped = ({ call }: Waiting) => call.lane !== 'releases' && pacer.isStopped(call.bulkJob);
  const [stopped, others] = [true, false].map((wanted) =>
    line.waiting.filter((waiting) => isStopped(waiting) === wanted),
  );
  line.waiting = others ?? [];
  for (const { resolve } of stopped ?? []) resolve(STOPPED);
}

function resolveAll(waiting: Waiting[], result: SlotResult): void {
  for (const { resolve } of waiting.splice(0)) resolve(result);
}

/** Turns away all calls of a line because the region's breaker is open. If a probe is due, one of the calls may make it. */
async function turnAway(waiting: Waiting[], item: PaceItem, pacer: Pacer): Promise<void> {
  let seen = item;
  for (let first = waiting[0]; first; first = waiting[0]) {
    if (first.call.lane === 'releases') throw new Error(`${first.call.api} has no breaker`);
    const result = await pacer.probe({ ...first.call, item: seen });
    if (result.kind === 'slot') seen = result.item;
    waiting.shift();
    first.resolve(result);
  }
}
