import type { SharedTime } from '../platform/shared-time.ts';
import type { KnownPace } from './known-pace.ts';
import { type CallLane, ceilingOf } from './operator-settings.ts';
import type { PaceItem, RoomApi } from './pace-item.ts';
import { rateAt } from './rate.ts';
import { newSeat, seatsBefore, seatsOf } from './rotation.ts';
import type { Slot, SlotRequest, Turn } from './slot.ts';
import { createTurnLead, firstLead, type LeadChange, turnLeadMs } from './turn-lead.ts';

/**
 * The part of a bulk call's reservation that changes the rotation. The seats are a set, so workers that know different states of the
 * rotation do not undo one another's changes.
 */
export interface RotationChange {
  /** The worker's seat, if the slot is its turn. Absent if it takes a slot between the turns. */
  last?: number;
  /** Begins a new rotation, adds or removes seats, or removes the rotation. Absent if the seats stay as they are. */
  seats?: { action: 'SET' | 'ADD' | 'DELETE'; values: Set<number> } | { action: 'REMOVE' };
  /** Present if the lead of the turns changes. */
  lead?: LeadChange | undefined;
}

/** The turns of this worker, in all regions. */
export interface Turns {
  /** @returns undefined if the worker knows too little: it has seen no slot, or the others have used none for a whole round */
  next(region: string, api: RoomApi): Turn | undefined;
  /** The probable state of the item when the worker's turn comes: the others have taken the slots before it. */
  expected(seen: PaceItem, request: SlotRequest, turn: Turn): PaceItem;
  /** The change that the next reservation makes to the rotation. @param taken how many slots it reserves */
  changeOf(seen: PaceItem, request: SlotRequest, taken: number): RotationChange;
  /** Learns from a reservation whether the lead was long enough. Call it immediately after the reservation. */
  noteReserved(turn: Turn | undefined, slots: readonly Slot[]): void;
}

// A function may run for 15 minutes, so a worker with a correct clock reserves no slot that is further ahead than that.
export const LONGEST_AHEAD_MS = 16 * 60_000;

export interface TurnSettings {
  /** The highest rate, in calls a second, unless an operator has set another one. */
  ceiling: number;
  /** How much time a call needs between the end of its reservation and its slot. */
  preparationMs: number;
  random(): number;
}

export function createTurns(
  pace: KnownPace,
  time: SharedTime,
  { ceiling: deployedCeiling, preparationMs, random }: TurnSettings,
): Turns {
  /** The worker's last seat in each region. */
  const seats = new Map<string, number>();
  const lead = createTurnLead(preparationMs);
  const intervalMs = (seen: PaceItem) => bulkIntervalMs(seen, time.nowMs(), deployedCeiling);
  const isOver = (seen: PaceItem) => freeAtMs(seen) + seatsOf(seen).length * intervalMs(seen) < time.nowMs();

  function join(seen: PaceItem, region: string): RotationChange {
    // A rotation that could not be read, because it has the wrong type, is replaced.
    const isNew = seen.bulk_rotation === undefined || isOver(seen);
    const seat = newSeat(isNew ? {} : seen, random);
    if (seat === undefined) return {};
    seats.set(region, seat);
    return { last: seat, seats: { action: isNew ? 'SET' : 'ADD', values: new Set([seat]) } };
  }

  return {
    next(region, api) {
      const seen = pace.seenAt(region, api);
      // If the next free slot is too far ahead, the reservation resets it.
      if (isOver(seen) || freeAtMs(seen) > time.nowMs() + LONGEST_AHEAD_MS) return undefined;
      const before = seatsBefore(seen, seats.get(region));
      const slotMs = time.toOwnMs(freeAtMs(seen) + (before?.length ?? 0) * intervalMs(seen));
      return { slotMs, isMember: before !== undefined, leadMs: turnLeadMs(seen) };
    },

    expected(seen, { region }, { slotMs }) {
      const attribute = isLaneSlower(seen, time.nowMs(), deployedCeiling) ? 'bulk_free_at' : 'free_at';
      const freeMs = Math.max(seen[attribute] ?? 0, time.toSharedMs(slotMs));
      return {
        ...seen,
        [attribute]: freeMs,
        bulk_last: seatsBefore(seen, seats.get(region))?.at(-1) ?? seen.bulk_last,
      };
    },

    changeOf(seen, request, taken) {
      return {
        ...seatChange(seen, request, taken),
        lead: isOver(seen) ? firstLead(time.nowMs()) : lead.next(seen, time.nowMs()),
      };
    },

    noteReserved(turn, [slot]) {
      if (turn && slot) lead.note(turn, time.toSharedMs(slot.atMs) - time.nowMs());
    },
  };

  function seatChange(seen: PaceItem, { region, count, latestMs }: SlotRequest, taken: number): RotationChange {
    const isLeaving = taken >= count;
    const own = seats.get(region);
    const before = seatsBefore(seen, own);
    if (own === undefined || before === undefined || isOver(seen)) {
      if (!isLeaving) return join(seen, region);
      return isOver(seen) ? { seats: { action: 'REMOVE' } } : {};
    }
    const isTurn = freeAtMs(seen) + before.length * intervalMs(seen) <= time.toSharedMs(latestMs);
    return memberChange(own, { isTurn, isLeaving, before });
  }
}

function memberChange(
  own: number,
  { isTurn, isLeaving, before }: { isTurn: boolean; isLeaving: boolean; before: readonly number[] },
): RotationChange {
  // If it is the worker's turn, but slots before it are still free, the workers that had those turns have stopped.
  const values = new Set([...(isTurn ? before : []), ...(isLeaving ? [own] : [])]);
  return { ...(isTurn && { last: own }), ...(values.size > 0 && { seats: { action: 'DELETE', values } }) };
}

/** Whether an operator's ceiling for the bulk lane, and not the rate of the region, determines how often bulk calls get a slot. */
function isLaneSlower(seen: PaceItem, nowMs: number, deployedCeiling: number): boolean {
  return seen.bulk_ceiling !== undefined && seen.bulk_ceiling < rateAt(seen, nowMs, ceilingOf(seen, deployedCeiling));
}

function bulkIntervalMs(seen: PaceItem, nowMs: number, deployedCeiling: number): number {
  const rate = rateAt(seen, nowMs, ceilingOf(seen, deployedCeiling));
  return 1000 / Math.min(rate, seen.bulk_ceiling ?? rate);
}

/** When the next slot is free in both sequences, the region's and the lane's. */
function freeAtMs({ free_at, bulk_ceiling, bulk_free_at = 0 }: PaceItem): number {
  return bulk_ceiling === undefined ? free_at : Math.max(free_at, bulk_free_at);
}

/** Whether calls take turns. Only the bulk lane's CreateRoom calls are frequent enough for this to be worthwhile. */
export function takesTurns({ api, lane }: { api: RoomApi; lane?: CallLane | undefined }): boolean {
  return api === 'CreateRoom' && lane === 'bulk';
}
