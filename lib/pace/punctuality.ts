import type { SharedTime } from '../platform/shared-time.ts';
import type { Slot } from './slot.ts';

// A worker may lose this many slots in a row, for example while its code is cold. Each punctual call restores a fiftieth of a slot, so in
// the long run a worker loses at most one slot per fifty punctual calls. A worker that is always late loses three slots, then sends late.
const MAX_LOST_SLOTS = 3;
const RESTORED_PER_CALL = 0.02;

/** Judges whether one worker's calls are in time for their slots. @param toleranceMs how late the call in a slot may be */
export function createPunctuality(time: SharedTime, toleranceMs: (slot: Slot) => number) {
  let slotsToLose = MAX_LOST_SLOTS;
  return (slot: Slot, step: 'woken' | 'sending'): boolean => {
    const lateMs = time.nowMs() - time.toSharedMs(slot.atMs);
    if (slot.probe || lateMs <= toleranceMs(slot)) {
      if (step === 'sending') slotsToLose = Math.min(MAX_LOST_SLOTS, slotsToLose + RESTORED_PER_CALL);
      return true;
    }
    if (slotsToLose < 1) return true;
    slotsToLose -= 1;
    return false;
  };
}
