import type { SharedTime } from '../platform/shared-time.ts';
import type { Slot } from './slot.ts';

// A worker may lose this many slots, for example until its code is warm. Each punctual call restores a fiftieth of a slot, so in the long
// run a worker loses at most one slot per fifty punctual calls. A worker that is always late loses three slots, and then sends anyway.
const MAX_PATIENCE = 3;
const PATIENCE_PER_CALL = 0.02;

/** Judges whether one worker's calls are in time for their slots. @param toleranceMs how late the call in a slot may be */
export function createPunctuality(time: SharedTime, toleranceMs: (slot: Slot) => number) {
  let patience = MAX_PATIENCE;
  return (slot: Slot, moment: 'woken' | 'sending'): boolean => {
    const lateMs = time.nowMs() - time.toSharedMs(slot.atMs);
    if (slot.probe || lateMs <= toleranceMs(slot)) {
      if (moment === 'sending') patience = Math.min(MAX_PATIENCE, patience + PATIENCE_PER_CALL);
      return true;
    }
    if (patience < 1) return true;
    patience -= 1;
    return false;
  };
}
