import type { RoomApi } from '../pace/pace-item.ts';
import type { Prober } from '../pace/probe.ts';
import type { RegionClosed, Slot } from '../pace/slot.ts';
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

export interface SlotWanted {
  api: RoomApi;
  leadMs?: number;
  /** The request that may probe an open breaker early. If it is absent, the call may probe only on the breaker's schedule. */
  prober?: Prober & { heldProbe: Slot | undefined };
}

/**
 * Reserves a slot of the region's quota for one call, and waits until `leadMs` before the slot, so that the caller can prepare the call.
 * @throws Postponement with the end of the wait, if there is no slot before the deadline, the region's breaker is open, or an operator has
 *   paused the lane
 */
export async function takeSlot(seeker: SlotSeeker, { api, leadMs = 0, prober }: SlotWanted): Promise<Slot> {
  const { message, invocation, services } = seeker;
  const { region, lane, ledgerKey } = message;
  const { clock, meter, pacer } = services;
  const askedAtMs = clock.nowMs();
  const turn = await invocation.slotLines.take({
    region,
    api,
    lane,
    ledgerKey,
    leadMs,
    ...prober,
  });
  const nowMs = clock.nowMs();
  switch (turn.kind) {
    case 'slot':
      if (api === 'CreateRoom')
        meter.noteSlot({ region, waitedMs: Math.max(nowMs, turn.atMs) - askedAtMs, rate: pacer.rate(region, api) });
      return turn;
    case 'full':
      throw new Postponement('no-slot', { endsAtMs: turn.freeAtMs });
    case 'paused':
      throw new Postponement('paused', turn.untilMs === undefined ? {} : { endsAtMs: turn.untilMs });
    case 'region-closed':
      throw turnedAway(turn, seeker);
  }
}

interface TurnedAway {
  message: Pick<RequestMessage, 'region'>;
  services: Pick<Services, 'clock' | 'meter'>;
}

/** The region's breaker is open: the request waits until it may probe. */
export function turnedAway(closed: RegionClosed, { message, services }: TurnedAway): Postponement {
  services.meter.countBreakerOpen(message.region);
  noteBreakerAge(closed, services);
  return new Postponement('breaker-open', { endsAtMs: closed.untilMs });
}

/** Notes in the metrics how long a breaker has been open. Requests that it turns away do this, because nothing else reads it. */
export function noteBreakerAge(
  { openedAtMs }: RegionClosed,
  { clock, meter }: Pick<Services, 'clock' | 'meter'>,
): void {
  if (openedAtMs !== undefined) meter.noteBreakerAge(Math.max(0, clock.nowMs() - openedAtMs));
}
