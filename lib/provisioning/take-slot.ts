import type { RoomApi } from '../pace/pace-item.ts';
import type { Prober } from '../pace/probe.ts';
import type { Closed, Slot } from '../pace/slot.ts';
import type { Invocation } from './invocation.ts';
import type { RequestMessage } from './job.ts';
import { Postponement } from './postponement.ts';
import type { Services } from './services.ts';

/** As much of a job as waiting for a slot needs. */
export interface SlotSeeker {
  message: Pick<RequestMessage, 'region' | 'lane' | 'ledgerKey'>;
  invocation: Pick<Invocation, 'slotLines'>;
  services: Pick<Services, 'clock' | 'meter' | 'pacer'>;
}

export interface SlotWanted {
  api: RoomApi;
  leadMs?: number;
  /** Who asks, in case that the breaker is open; without it, that is probed by its schedule only. */
  prober?: Prober & { heldProbe: Slot | undefined };
}

/**
 * Waits for a slot of the region's quota for one call, and until so much before its moment as the call needs to get ready.
 * @throws Postponement with its turn if there is none before the deadline, or if the region's breaker is open.
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
    case 'closed':
      throw turnedAway(turn, seeker);
  }
}

interface TurnedAway {
  message: Pick<RequestMessage, 'region'>;
  services: Pick<Services, 'meter'>;
}

/** The region's breaker is open: the request waits until it may probe. */
export function turnedAway({ untilMs }: Closed, { message, services }: TurnedAway): Postponement {
  services.meter.countBreakerOpen(message.region);
  return new Postponement('breaker-open', { endsAtMs: untilMs });
}
