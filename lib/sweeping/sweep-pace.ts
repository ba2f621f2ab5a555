import type { RoomApi } from '../pace/pace-item.ts';
import type { Pacer } from '../pace/pacer.ts';
import type { Clock } from '../platform/clock.ts';

/** `deadline`: the invocation has no time for another call. `no-slot`: the quota of this region has no free slot before the deadline. */
export type NoCallReason = 'deadline' | 'no-slot';

/** No further call may be sent. This error ends the sweep of a region. */
export class NoCallError extends Error {
  override readonly name = 'NoCallError';
  readonly reason: NoCallReason;

  constructor(reason: NoCallReason) {
    super(`no call: ${reason}`);
    this.reason = reason;
  }
}

export interface SweepPaceSettings {
  /** The sweep's own limit. */
  callsPerSecond: number;
  pacer: Pick<Pacer, 'reserve'>;
  clock: Clock;
  /** No call is sent after this time. */
  lastSendMs: number;
  signal: AbortSignal;
}

/** Waits until one call may be sent. @throws NoCallError if no call may be sent. */
export type AwaitCall = (call: { region: string; api: RoomApi }) => Promise<void>;

/**
 * The pace of one sweep. Its calls are sent one after the other, across all regions and APIs. Each call waits for the sweep's interval
 * after the previous call, and uses a slot of the quota that the sweep shares with the workers. The slot is reserved after the wait for the
 * interval, because a slot that came up during that wait would be lost.
 */
export function createSweepPace({ callsPerSecond, pacer, clock, lastSendMs, signal }: SweepPaceSettings): AwaitCall {
  const intervalMs = 1000 / callsPerSecond;
  let nextMs = 0;
  return async ({ region, api }) => {
    await clock.sleep(Math.max(0, nextMs - clock.nowMs()), signal);
    const nowMs = clock.nowMs();
    if (nowMs > lastSendMs) throw new NoCallError('deadline');
    const reservation = await pacer.reserve({ region, api, count: 1, latestMs: lastSendMs });
    const slot = reservation.kind === 'slots' ? reservation.slots[0] : undefined;
    if (slot === undefined) throw new NoCallError('no-slot');
    await clock.sleep(Math.max(0, slot.atMs - clock.nowMs()), signal);
    nextMs = clock.nowMs() + intervalMs;
  };
}
