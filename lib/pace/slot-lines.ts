import type { Lane } from '../contract/lanes.ts';
import type { Clock } from '../platform/clock.ts';
import type { PaceItem, RoomApi } from './pace-item.ts';
import type { Pacer } from './pacer.ts';
import type { Prober } from './probe.ts';
import type { Closed, Full, Slot } from './slot.ts';

/** One call that waits for its slot; with its needs, it may have an open breaker probed sooner. */
export interface Call extends Prober {
  region: string;
  api: RoomApi;
  lane: Lane;
  /** The slot of its last call, if that was a probe that is to be made again. */
  heldProbe?: Slot | undefined;
  /** How long before its slot the call is told of it: it prepares itself, and waits for the rest. Default: 0 */
  leadMs?: number;
}

export type SlotResult = Slot | Full | Closed;

export interface SlotLinesSettings {
  pacer: Pacer;
  clock: Clock;
  random(): number;
  /** No call is sent after this moment. */
  lastSendMs: number;
  /** Aborts every wait. */
  signal: AbortSignal;
}

/** The lines in which the calls of one invocation wait for their slots. */
export interface SlotLines {
  /**
   * Waits for a slot and until the call's lead before its moment.
   * @returns the slot, or why there is none before `lastSendMs`: also if the region's breaker opens while it is waited for.
   * @throws the signal's reason when it is aborted
   */
  take(call: Call): Promise<SlotResult>;
}

interface Waiting {
  call: Call;
  resolve(result: SlotResult): void;
  reject(reason: unknown): void;
}

interface Line {
  waiting: Waiting[];
  /** How often in a row nothing was in reach. */
  triesInVain: number;
}

/**
 * How far ahead a lane reserves. As long as interactive calls wait, they keep more than bulk's second reserved, so they come
 * before every bulk call that has no slot yet; that second is the most that bulk can cost them. Neither reserves further: what
 * is reserved keeps the rate at which it was, be it too high or too low by now.
 */
const AHEAD_MS: Record<Lane, number> = { interactive: 3_000, bulk: 1_000 };

/**
 * One line per region, API and lane. All that wait in one are reserved for with one write, as many as there are slots in reach.
 * A call that wakes late for its slot takes another one.
 */
export function createSlotLines(settings: SlotLinesSettings): SlotLines {
  const { pacer, clock, signal } = settings;
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
      const newLine = { waiting: [waiting], triesInVain: 0 };
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
      // In the same breath as the line is found empty: nobody may join one that is no longer served.
      lines.delete(id);
    }
  }

  return {
    async take(call) {
      for (;;) {
        const stopped = pacer.stopped(call);
        if (stopped) return stopped;
        const result = await join(call);
        if (result.kind !== 'slot') return result;
        await clock.sleep(Math.max(0, result.atMs - (call.leadMs ?? 0) - clock.nowMs()), signal);
        // Whoever has a slot by now would not hear of it otherwise.
        const closed = pacer.closed(call, result);
        if (closed) return closed;
        if (pacer.isPunctual(result, 'woken')) return result;
      }
    },
  };
}

/** Reserves once for all that wait in a line, or waits until a slot is in reach. */
async function serveOnce(line: Line, { region, api, lane }: Call, settings: SlotLinesSettings): Promise<void> {
  const { pacer, clock, random, lastSendMs, signal } = settings;
  const aheadMs = AHEAD_MS[lane];
  const latestMs = Math.min(lastSendMs, clock.nowMs() + aheadMs);
  const reservation = await pacer.reserve({ region, api, count: line.waiting.length, latestMs });
  switch (reservation.kind) {
    case 'slots':
      for (const slot of reservation.slots) line.waiting.shift()?.resolve(slot);
      line.triesInVain = 0;
      return;
    case 'open-breaker':
      return turnAway(line.waiting, reservation.item, pacer);
    case 'full': {
      if (Math.max(reservation.freeAtMs, clock.nowMs()) > lastSendMs) {
        for (const { resolve } of line.waiting.splice(0)) resolve(reservation);
        return;
      }
      // Not all workers at once, and who comes later finds more than one slot to take with one write. The longer one has
      // waited, the sooner it asks.
      line.triesInVain += 1;
      const jitterMs = (random() * aheadMs) / (1 + line.triesInVain);
      const inReachAtMs = reservation.freeAtMs - aheadMs;
      await clock.sleep(Math.max(1, inReachAtMs - clock.nowMs()) + jitterMs, signal);
    }
  }
}

/** The breaker is open: one of them may probe, if it is time. */
async function turnAway(waiting: Waiting[], item: PaceItem, pacer: Pacer): Promise<void> {
  let seen = item;
  for (let first = waiting[0]; first; first = waiting[0]) {
    const result = await pacer.probe({ ...first.call, item: seen });
    if (result.kind === 'slot') seen = result.item;
    waiting.shift();
    first.resolve(result);
  }
}
