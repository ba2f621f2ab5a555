import type { SharedTime } from '../platform/shared-time.ts';
import { type KnownPace, MAX_RACES } from './known-pace.ts';
import { ceilingOf, inOwnTime, pausedNow } from './operator-settings.ts';
import type { PaceItem, RoomApi } from './pace-item.ts';
import { rateAt } from './rate.ts';
import {
  countThatFits,
  isIdle,
  nextFreeMs,
  pullBack,
  reservation,
  sequenceTooFarAhead,
  type WantedSlots,
} from './reservation.ts';
import type { Reservation, Slot, SlotRequest } from './slot.ts';
import { type Turns, takesTurns } from './turns.ts';

export interface ReservingSettings {
  pace: KnownPace;
  time: SharedTime;
  turns: Turns;
  /** The highest rate, in calls a second, unless an operator has set another one. */
  ceiling: number;
  /** The extra distance between the first two slots after an idle period, in addition to the interval. */
  headStartMs(ceiling: number): number;
  /** Called after the next free slot was reset to the present. Only a wrong clock can have moved it that far ahead. */
  onPulledBack?: ((region: string, api: RoomApi) => void) | undefined;
}

// A function may run for 15 minutes, so a worker with a correct clock reserves no slot that is further ahead than that.
const LONGEST_AHEAD_MS = 16 * 60_000;

/** Reserves the next free slots with one write, none of them after `latestMs`. */
export async function reserveSlots(request: SlotRequest, settings: ReservingSettings): Promise<Reservation> {
  const { pace, time, turns, onPulledBack } = settings;
  const { region, api, lane } = request;
  for (let race = 0; race < MAX_RACES; race++) {
    const seen = expected(pace.seenAt(region, api), request, race, time);
    const wanted = wantedOf(request, seen, settings);
    const tooFarMs = wanted.nowMs + LONGEST_AHEAD_MS;
    const tooFarAhead = sequenceTooFarAhead(seen, wanted, tooFarMs);
    if (tooFarAhead !== undefined) {
      const { written } = await pace.update(region, api, pullBack(tooFarAhead, wanted.nowMs, tooFarMs));
      if (written) onPulledBack?.(region, api);
      continue;
    }
    const count = countThatFits(seen, wanted);
    if (count === 0) break;
    const { written, item } = await pace.update(region, api, reservation(seen, { ...wanted, count }));
    if (written) {
      const slots = slotsOf(seen, item, { ...wanted, count }, time);
      turns.noteTaken(request, slots);
      return { kind: 'slots', slots };
    }
    const paused = pausedNow(item, lane, wanted.nowMs);
    if (paused) return inOwnTime(paused, time);
    if (item.open_until !== undefined) return { kind: 'open-breaker', item };
  }
  const seen = pace.seenAt(region, api);
  return { kind: 'full', freeAtMs: time.toOwnMs(nextFreeMs(seen, wantedOf(request, seen, settings))) };
}

/**
 * The item as it probably is now. If it is this worker's turn, the others have taken the slots before it since the worker last saw the item. The
 * first write assumes that, and a further one knows the item.
 */
function expected(seen: PaceItem, { turnMs }: SlotRequest, race: number, time: SharedTime): PaceItem {
  if (race > 0 || turnMs === undefined) return seen;
  return { ...seen, free_at: Math.max(seen.free_at, time.toSharedMs(turnMs)) };
}

function wantedOf(
  request: SlotRequest,
  seen: PaceItem,
  { time, turns, ceiling: deployed, headStartMs }: ReservingSettings,
): WantedSlots {
  const { lane, count, latestMs } = request;
  const nowMs = time.nowMs();
  const ceiling = ceilingOf(seen, deployed);
  return {
    lane,
    count,
    nowMs,
    intervalMs: 1000 / rateAt(seen, nowMs, ceiling),
    headStartMs: headStartMs(ceiling),
    latestMs: time.toSharedMs(latestMs),
    deployedCeiling: deployed,
    rotation: takesTurns(request) ? turns.changeOf(seen, request) : undefined,
  };
}

function slotsOf(seen: PaceItem, item: PaceItem, { count, nowMs, intervalMs }: WantedSlots, time: SharedTime): Slot[] {
  const times = Array.from({ length: count }, (_, index) => item.free_at - (count - index) * intervalMs);
  // The first call after an idle period may be sent now.
  if (isIdle(seen, nowMs)) times[0] = nowMs;
  return times.map((ms) => ({ kind: 'slot', atMs: time.toOwnMs(ms), reservedAtMs: nowMs, probe: false, item }));
}
