import type { SharedTime } from '../platform/shared-time.ts';
import type { KnownPace } from './known-pace.ts';
import { type CallLane, ceilingOf } from './operator-settings.ts';
import type { PaceItem, RoomApi } from './pace-item.ts';
import { rateAt } from './rate.ts';
import { membersOf, slotsBefore, withoutAbsent, withWorker, workerId } from './rotation.ts';
import type { Slot, SlotRequest, Turn } from './slot.ts';

/** What a reservation of a bulk call writes about the rotation. */
export interface RotationChange {
  /** The worker that takes the slot. */
  worker: string;
  /** Absent if the rotation stays as it is. */
  members?: string[];
}

/** The turns of this worker, in all regions. */
export interface Turns {
  /** @returns undefined if the worker knows too little: it has seen no slot, or the others have used none for a whole round */
  next(region: string, api: RoomApi): Turn | undefined;
  /** What the next reservation writes about the rotation. */
  changeOf(seen: PaceItem, request: SlotRequest): RotationChange;
  /** Compares the slots with the turn. If they are earlier, the workers before this one did not take theirs. */
  noteTaken(request: SlotRequest, slots: readonly Slot[]): void;
}

export function createTurns(pace: KnownPace, time: SharedTime, deployedCeiling: number): Turns {
  const worker = workerId();
  /** How many workers did not take the slots before this worker's turn. */
  const absent = new Map<string, number>();
  const intervalMs = (seen: PaceItem) => 1000 / rateAt(seen, time.nowMs(), ceilingOf(seen, deployedCeiling));
  const isOver = (seen: PaceItem) => seen.free_at + membersOf(seen).length * intervalMs(seen) < time.nowMs();

  return {
    next(region, api) {
      const seen = pace.seenAt(region, api);
      if (isOver(seen)) return undefined;
      const before = slotsBefore(seen, worker);
      // A slot before this worker's turn was not taken, so the worker takes the next one too.
      const isNext = absent.has(placeOf(region, api));
      const slotMs = time.toOwnMs(seen.free_at + (isNext ? 0 : (before ?? 0)) * intervalMs(seen));
      return { slotMs, isMember: before !== undefined };
    },

    changeOf(seen, { region, api }) {
      if (isOver(seen)) return { worker, members: [worker] };
      if (slotsBefore(seen, worker) === undefined) return { worker, members: withWorker(seen, worker) };
      const missing = absent.get(placeOf(region, api));
      return missing === undefined ? { worker } : { worker, members: withoutAbsent(seen, worker, missing) };
    },

    noteTaken({ region, api, turnMs }, slots) {
      const place = placeOf(region, api);
      const [first] = slots;
      const wasMissing = absent.delete(place);
      if (wasMissing || first === undefined || turnMs === undefined) return;
      const missing = Math.round((turnMs - first.atMs) / intervalMs(first.item));
      if (missing > 0) absent.set(place, missing);
    },
  };
}

/** Only bulk calls of CreateRoom are so many that it pays. */
export function takesTurns({ api, lane }: { api: RoomApi; lane?: CallLane | undefined }): boolean {
  return api === 'CreateRoom' && lane === 'bulk';
}

function placeOf(region: string, api: RoomApi): string {
  return `${region}#${api}`;
}
