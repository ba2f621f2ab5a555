import type { RoomApi } from '../pace/pace-item.ts';
import type { Closed, Slot } from '../pace/pacer.ts';
import type { Claim } from './claim.ts';
import type { RequestMessage } from './job.ts';
import { Postponement } from './postponement.ts';
import type { Invocation, Services } from './services.ts';
import { patienceMs } from './wait-times.ts';

/** As much of a job as waiting for a slot needs. */
export interface SlotSeeker {
  /** Knows the latest moment at which the room is of use; without one, an open breaker is probed by its schedule only. */
  claim?: Pick<Claim, 'neededByMs'>;
  message: Pick<RequestMessage, 'region' | 'lane' | 'ledgerKey' | 'receiveCount'>;
  invocation: Pick<Invocation, 'slotLines'>;
  services: Pick<Services, 'clock' | 'random' | 'meter' | 'pacer'>;
}

/**
 * Waits for a slot of the region's quota for one call, and until so much before its moment as the call needs to get ready.
 * @throws Postponement to about its turn if there is none before the deadline, or if the region's breaker is open.
 */
export async function takeSlot(
  seeker: SlotSeeker,
  { api, leadMs = 0 }: { api: RoomApi; leadMs?: number },
): Promise<Slot> {
  const { claim, message, invocation, services } = seeker;
  const { region, lane, ledgerKey, receiveCount } = message;
  const { clock, random, meter, pacer } = services;
  const askedAtMs = clock.nowMs();
  const turn = await invocation.slotLines.take({
    region,
    api,
    lane,
    ledgerKey,
    leadMs,
    ...(claim && { neededByMs: claim.neededByMs }),
  });
  const nowMs = clock.nowMs();
  switch (turn.kind) {
    case 'slot':
      if (api === 'CreateRoom')
        meter.noteSlot({ region, waitedMs: Math.max(nowMs, turn.atMs) - askedAtMs, rate: pacer.rate(region, api) });
      return turn;
    case 'full': {
      const untilMs = turn.freeAtMs + patienceMs(receiveCount);
      throw new Postponement('no-slot', spread(nowMs, untilMs, random()));
    }
    case 'closed':
      throw turnedAway(turn, seeker);
  }
}

/** The region's breaker is open: the request waits until it may probe. */
export function turnedAway({ untilMs }: Closed, { message, services }: Omit<SlotSeeker, 'invocation'>): Postponement {
  const { clock, random, meter } = services;
  meter.countBreakerOpen(message.region);
  return new Postponement('breaker-open', spread(clock.nowMs(), untilMs, random()));
}

/** A quarter of the wait and a second more at most, so that those who were turned away do not all come back at once. */
function spread(nowMs: number, untilMs: number, share: number): number {
  const waitMs = Math.max(0, untilMs - nowMs);
  return untilMs + share * (waitMs / 4 + 1_000);
}
