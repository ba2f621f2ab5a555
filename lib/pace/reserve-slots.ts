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
import { LONGEST_AHEAD_MS, type Turns, takesTurns } from './turns.ts';

export interface ReservingSettings {
  pace: KnownPace;
  time: SharedTime;
  turns: Turns;
  /** The highest rate, in calls a second, unless an operator has set another one. */
  ceiling: number;
  /** The extra distance between the first two slots after an idle period, in addition to the interval. */
  headStartMs(ceiling: number): number;
  /** How much earlier than its slot an interactive call may be sent (docs/decisions/0071). */
  earlyMs(ceiling: number): number;
  /** How far ahead of its slot a call must have reserved it. */
  preparationMs: number;
  /** Called after the next free slot was reset to the present. Only a wrong clock can have moved it that far ahead. */
  onPulledBack?: ((region: string, api: RoomApi) => void) | undefined;
}

/**
 * The quota of CreateRoom in calls a second, which AWS does not raise (https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/service-quotas.html).
 */
const WHOLE_QUOTA = 5;

/** Reserves the next free slots with one write, none of them after `latestMs`. */
export async function reserveSlots(request: SlotRequest, settings: ReservingSettings): Promise<Reservation> {
  const { pace, time, turns, onPulledBack } = settings;
  const { region, api, lane, turn } = request;
  for (let race = 0; race < MAX_RACES; race++) {
    const known = pace.seenAt(region, api);
    // The first write assumes what the other workers have done since this worker last saw the item. Later writes use the item in the
    // response.
    const seen = race === 0 && turn ? turns.expected(known, request, turn) : known;
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
    const { written, item } = await pace.update(
      region,
      api,
      reservation(seen, {
        ...wanted,
        count,
        rotation: takesTurns(request) ? turns.changeOf(seen, request, count) : undefined,
      }),
    );
    if (written) {
      const slots = slotsOf(seen, item, { ...wanted, count }, settings);
      turns.noteReserved(turn, slots);
      return { kind: 'slots', slots };
    }
    const paused = pausedNow(item, lane, wanted.nowMs);
    if (paused) return inOwnTime(paused, time);
    if (item.open_until !== undefined) return { kind: 'open-breaker', item };
  }
  const seen = pace.seenAt(region, api);
  return { kind: 'full', freeAtMs: time.toOwnMs(nextFreeMs(seen, wantedOf(request, seen, settings))) };
}

function wantedOf(
  { lane, count, latestMs }: SlotRequest,
  seen: PaceItem,
  { time, ceiling: deployed, headStartMs }: ReservingSettings,
): WantedSlots {
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
  };
}

function slotsOf(
  seen: PaceItem,
  item: PaceItem,
  { lane, count, nowMs, intervalMs }: WantedSlots,
  settings: ReservingSettings,
): Slot[] {
  const times = Array.from({ length: count }, (_, index) => item.free_at - (count - index) * intervalMs);
  // The first call after an idle period may be sent now.
  if (isIdle(seen, nowMs)) times[0] = nowMs;
  const { time, ceiling, preparationMs } = settings;
  // Another stage or program with a part of the quota may need the rest of the bucket for its own calls.
  const hasWholeQuota = intervalMs <= 1000 / rateAt({}, nowMs, WHOLE_QUOTA);
  const isBesideBulk = lane === 'interactive' && item.bulk_rotation !== undefined;
  const mostEarlyMs = isBesideBulk && hasWholeQuota ? settings.earlyMs(ceilingOf(item, ceiling)) : 0;
  const earliestMs = nowMs + preparationMs;
  return times
    .map((ms) => Math.min(ms, Math.max(earliestMs, ms - mostEarlyMs)))
    .map((ms) => ({ kind: 'slot', atMs: time.toOwnMs(ms), reservedAtMs: nowMs, probe: false, item }));
}
