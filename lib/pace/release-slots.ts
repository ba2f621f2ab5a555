import type { Clock } from '../platform/clock.ts';
import type { Paused } from './operator-settings.ts';
import type { Pacer } from './pacer.ts';
import type { Full, Slot } from './slot.ts';
import type { ReleaseCall, SlotLines } from './slot-lines.ts';

/** `paused`: an operator has stopped the releases of the region (only for DeleteRoom). */
export type ReleaseSlotResult = Slot | Full | Paused;

/**
 * Waits for a slot for one call of a release, and then until `leadMs` before the time of the slot. Calls that wait at the same time share
 * their reservations. A region therefore uses its whole quota only if several releases are under way: at least ten, if each takes a second
 * from its slot to its next call.
 * @returns the slot, or why the call may not be sent: no slot is free before the `lastSendMs` of the lines, or the releases are stopped
 * @throws the reason in the lines' signal when it is aborted; TableUnavailableError
 */
export async function takeReleaseSlot(lines: SlotLines, call: Omit<ReleaseCall, 'lane'>): Promise<ReleaseSlotResult> {
  const result = await lines.take({ ...call, lane: 'releases' });
  if (result.kind === 'region-closed' || result.kind === 'stopped')
    throw new Error(`A release was refused: ${result.kind}`);
  return result;
}

export interface SlotArrival {
  pacer: Pick<Pacer, 'isPunctual'>;
  clock: Clock;
  signal: AbortSignal;
}

/**
 * Waits until the time of the slot, immediately before its call is sent.
 * @returns false if it is too late for the slot, for example because a write took a long time. The call then needs another slot
 * @throws the signal's reason when the signal is aborted
 */
export async function awaitSlot(slot: Slot, { pacer, clock, signal }: SlotArrival): Promise<boolean> {
  await clock.sleep(Math.max(0, slot.atMs - clock.nowMs()), signal);
  return pacer.isPunctual(slot, 'sending');
}
