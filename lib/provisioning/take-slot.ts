import type { Job } from './job.ts';
import type { PaceItem, RoomApi } from './pace-item.ts';
import { Postponement } from './postponement.ts';

export interface Slot {
  probe: boolean;
  item: PaceItem;
}

/**
 * Waits for a slot of the region's quota for one call.
 * @throws Postponement to about its turn if there is none before the deadline, or if the region's breaker is open.
 */
export async function takeSlot({ message, invocation, services }: Job, api: RoomApi): Promise<Slot> {
  const { pacer, clock, random } = services;
  const nowMs = clock.nowMs();
  const reservation = await pacer.reserve({
    region: message.region,
    api,
    ledgerKey: message.ledgerKey,
    nowMs,
    latestMs: invocation.lastSendMs,
  });
  switch (reservation.kind) {
    case 'slot':
      await clock.sleep(Math.max(0, reservation.atMs - nowMs), invocation.signal);
      return reservation;
    case 'full':
      throw new Postponement('no-slot', spread(nowMs, reservation.freeAtMs, random()));
    case 'closed':
      throw new Postponement('breaker-open', spread(nowMs, reservation.untilMs, random()));
  }
}

/** A quarter of the wait and a second more at most, so that those who were turned away do not all come back at once. */
function spread(nowMs: number, untilMs: number, share: number): number {
  const waitMs = Math.max(0, untilMs - nowMs);
  return untilMs + share * (waitMs / 4 + 1_000);
}
