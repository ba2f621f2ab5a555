import type { Clock } from '../platform/clock.ts';
import type { Lane } from '../platform/config.ts';
import type { PaceItem, RoomApi } from './pace-item.ts';
import type { Closed, Full, Pacer, Slot } from './pacer.ts';

/** One call that waits for its slot. */
export interface Call {
  region: string;
  api: RoomApi;
  lane: Lane;
  ledgerKey: string;
}

export type Turn = Slot | Full | Closed;

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
   * Waits for a slot and until its moment.
   * @returns the slot, or why there is none before `lastSendMs`.
   * @throws the signal's reason when it is aborted
   */
  take(call: Call): Promise<Turn>;
}

interface Waiting {
  call: Call;
  resolve(turn: Turn): void;
  reject(reason: unknown): void;
}

/**
 * How far ahead a bulk call reserves. Interactive calls reserve as far as they can wait, so they line up before every bulk
 * call that has no slot yet: one second behind what is reserved is the most that bulk can cost them.
 */
export const BULK_AHEAD_MS = 1_000;

/**
 * One line per region, API and lane. All that wait in one are reserved for with one write, as many as there are slots in reach.
 * A call that wakes late for its slot takes another one.
 */
export function createSlotLines({ pacer, clock, random, lastSendMs, signal }: SlotLinesSettings): SlotLines {
  const lines = new Map<string, Waiting[]>();

  function join(call: Call): Promise<Turn> {
    return new Promise((resolve, reject) => {
      const id = `${call.region}#${call.api}#${call.lane}`;
      const line = lines.get(id);
      const waiting = { call, resolve, reject };
      if (line) {
        line.push(waiting);
        return;
      }
      const newLine = [waiting];
      lines.set(id, newLine);
      void serve(id, newLine, call);
    });
  }

  async function serve(id: string, line: Waiting[], place: Call): Promise<void> {
    try {
      while (line.length > 0) await serveOnce(line, place);
    } catch (error) {
      for (const { reject } of line.splice(0)) reject(error);
    } finally {
      // In the same breath as the line is found empty: nobody may join one that is no longer served.
      lines.delete(id);
    }
  }

  async function serveOnce(line: Waiting[], { region, api, lane }: Call): Promise<void> {
    const aheadMs = lane === 'bulk' ? BULK_AHEAD_MS : Number.POSITIVE_INFINITY;
    const latestMs = Math.min(lastSendMs, clock.nowMs() + aheadMs);
    const reservation = await pacer.reserve({ region, api, count: line.length, latestMs });
    switch (reservation.kind) {
      case 'slots':
        for (const slot of reservation.slots) line.shift()?.resolve(slot);
        return;
      case 'open-breaker':
        return turnAway(line, reservation.item);
      case 'full': {
        const inReachAtMs = reservation.freeAtMs - aheadMs;
        if (lane === 'interactive' || inReachAtMs > lastSendMs || clock.nowMs() > lastSendMs) {
          for (const { resolve } of line.splice(0)) resolve(reservation);
          return;
        }
        // Not all workers at once; and those that come later find more than one slot to take with one write.
        await clock.sleep(Math.max(1, inReachAtMs - clock.nowMs()) + random() * (aheadMs / 2), signal);
      }
    }
  }

  /** The breaker is open: one of them may probe, if it is time. */
  async function turnAway(line: Waiting[], item: PaceItem): Promise<void> {
    let seen = item;
    for (let first = line[0]; first; first = line[0]) {
      const turn = await pacer.probe({ ...first.call, item: seen });
      if (turn.kind === 'slot') seen = turn.item;
      line.shift();
      first.resolve(turn);
    }
  }

  return {
    async take(call) {
      for (;;) {
        const turn = await join(call);
        if (turn.kind !== 'slot') return turn;
        await clock.sleep(Math.max(0, turn.atMs - clock.nowMs()), signal);
        if (pacer.isPunctual(turn, 'woken')) return turn;
      }
    },
  };
}
