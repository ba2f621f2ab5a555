import type { Slot } from '../pace/slot.ts';
import type { ReleaseServices } from './release-services.ts';

/** The state that all releases of one invocation share. */
export interface ReleaseRun {
  services: ReleaseServices;
  /** Aborted shortly before the timeout. The abort ends every wait and every call. */
  signal: AbortSignal;
  takeSlot: TakeSlot;
}

/**
 * Waits for a slot of the region's quota, and then until `leadMs` before the time of the slot.
 * @throws NoSlotError if there is no slot in this invocation
 */
export type TakeSlot = (call: { region: string; api: 'GetRoom' | 'DeleteRoom'; leadMs?: number }) => Promise<Slot>;

/** No call may be sent in this invocation: an operator has stopped releases, or no slot is free before the deadline. */
export class NoSlotError extends Error {
  override readonly name = 'NoSlotError';
  readonly reason: 'stopped' | 'full';

  constructor(reason: 'stopped' | 'full') {
    super(`no slot: ${reason}`);
    this.reason = reason;
  }
}
