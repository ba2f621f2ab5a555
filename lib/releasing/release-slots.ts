import { takeReleaseSlot } from '../pace/release-slots.ts';
import { createSlotLines, type SlotLinesSettings } from '../pace/slot-lines.ts';
import { NoSlotError, type TakeSlot } from './release-run.ts';

/** The slots of one invocation. */
export function createReleaseSlots(settings: SlotLinesSettings): TakeSlot {
  const lines = createSlotLines(settings);
  return async (call) => {
    const result = await takeReleaseSlot(lines, call);
    if (result.kind === 'slot') return result;
    throw new NoSlotError(result.kind === 'paused' ? 'stopped' : 'full');
  };
}
