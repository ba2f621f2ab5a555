import type { RoomApi } from '../pace/pace-item.ts';
import type { Prober } from '../pace/probe.ts';
import type { RegionClosed, Slot, Stopped } from '../pace/slot.ts';
import type { Invocation } from './invocation.ts';
import type { RequestMessage } from './job.ts';
import { Postponement } from './postponement.ts';
import type { Services } from './services.ts';

/** The parts of a job that the wait for a slot needs. */
export interface SlotSeeker {
  message: Pick<RequestMessage, 'region' | 'lane' | 'ledgerKey'>;
  invocation: Pick<Invocation, 'slotLines'>;
  services: Pick<Services, 'clock' | 'meter' | 'pacer'>;
}

export interface SlotOptions {
  api: RoomApi;
  leadMs?: number;
  /**
   * The request that may probe an open breaker before the schedule permits it. If it is absent, the call may probe only on the breaker's
   * schedule.
   */
  prober?: Prober & { heldProbe: Slot | undefined };
}

/**
 * Reserves a slot of the region's quota for one call, and waits until `leadMs` before the slot, so that the caller can prepare the call.
 * @throws Postponement with the end of the wait, if there is no slot before the deadline, the region's breaker is open, or an operator has
 *   paused the lane
 */
export async function takeSlot(seeker: SlotSeeker, options: SlotOptions): Promise<Slot> {
  const slot = await takeSlotOrStop(seeker, options, undefined);
  if (slot.kind === 'stopped') throw new Error('A call was stopped, although it belongs to no job');
  return slot;
}

/**
 * Like `takeSlot`, for a call that belongs to a bulk job.
 * @param bulkJob the short id of the job; undefined if the call belongs to none
 * @returns the slot, or that an operator has stopped the job
 */
export async function takeSlotOrStop(
  seeker: SlotSeeker,
  { api, leadMs = 0, prober }: SlotOptions,
  bulkJob: string | undefined,
): Promise<Slot | Stopped> {
  const { message, invocation, services } = seeker;
  const { region, lane, ledgerKey } = message;
  const { clock, meter, pacer } = services;
  const startedAtMs = clock.nowMs();
  const result = await invocation.slotLines.take({
    region,
    api,
    lane,
    ledgerKey,
    leadMs,
    bulkJob,
    ...prober,
  });
  const nowMs = clock.nowMs();
  switch (result.kind) {
    case 'slot':
      if (api === 'CreateRoom')
        meter.noteSlot({ region, waitedMs: Math.max(nowMs, result.atMs) - startedAtMs, rate: pacer.rate(region, api) });
      return result;
    case 'stopped':
      return result;
    case 'full':
      throw new Postponement('no-slot', { endsAtMs: result.freeAtMs });
    case 'paused':
      throw new Postponement('paused', result.untilMs === undefined ? {} : { endsAtMs: result.untilMs });
    case 'region-closed':
      throw turnAway(result, seeker);
  }
}

interface WaitingForBreaker {
  message: Pick<RequestMessage, 'region'>;
  services: Pick<Services, 'clock' | 'meter'>;
}

/** Counts a request that an open breaker turns away, and returns its postponement: the request waits until it may probe. */
export function turnAway(closed: RegionClosed, { message, services }: WaitingForBreaker): Postponement {
  services.meter.countBreakerOpen(message.region);
  noteBreakerAge(closed, services);
  return new Postponement('breaker-open', { endsAtMs: closed.untilMs });
}

/**
 * Records in the metrics how long a breaker has been open. The requests that wait for the breaker record this, because no other code reads
 * the breaker.
 */
export function noteBreakerAge(
  { openedAtMs }: RegionClosed,
  { clock, meter }: Pick<Services, 'clock' | 'meter'>,
): void {
  if (openedAtMs !== undefined) meter.noteBreakerAge(Math.max(0, clock.nowMs() - openedAtMs));
}
