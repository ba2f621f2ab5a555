import { readLiveEventItem } from './accept-event.ts';
import { warnIfLate } from './announce.ts';
import type { LiveEventItem, PendingEvent } from './live-event-item.ts';
import type { LiveEventOutcome } from './live-event-outcome.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { requestRooms } from './request-rooms.ts';
import { arm, disarm } from './schedules.ts';
import { takeTurn } from './take-turn.ts';

/** What is due within so short a time is done at once: a schedule would not be there before. */
const AT_ONCE_MS = 5_000;
/**
 * An event that is due as soon as it is heard of waits a moment for those of the same import that start earlier, unless its own
 * start is near.
 */
const OTHERS_OF_IMPORT_MS = 10_000;
const NEAR_START_MS = 120_000;
const RETRY_SOON_MS = 1_000;
const MAX_ROUNDS = 5;

/**
 * Brings about what an event's item says, from whatever point: its schedules, and if it is due its rooms. Two workers may arm
 * the schedules of two revisions in the wrong order, hence the item is looked at once more after it; whoever crashes
 * in between gets its message again, and comes here again.
 */
export async function settleEvent(
  item: LiveEventItem,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  let current = item;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    await armSchedules(current, services);
    const now = await readLiveEventItem(current.live_event_id, services);
    if (now === undefined) return { kind: 'ignored', reason: 'unknown-event' };
    if (now.revision === current.revision && now.live_state === current.live_state)
      return advanceEvent(now, services, signal);
    current = now;
  }
  return { kind: 'postponed', reason: 'changed', untilMs: services.clock.nowMs() + RETRY_SOON_MS };
}

/** Asks for the rooms of an event, if it is due and it is its turn. */
export async function advanceEvent(
  item: LiveEventItem,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  switch (item.live_state) {
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'opened':
      if (item.sent_at === undefined) {
        await warnIfLate(item, item.ready_by, services);
        await requestRooms(item, services, signal);
      }
      return { kind: 'opened' };
    case 'pending':
      if (isAhead(item.opens_at, services)) return { kind: 'scheduled' };
      return openEvent(item, services, signal);
  }
}

async function openEvent(
  event: PendingEvent,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const nowMs = services.clock.nowMs();
  const othersKnownAtMs = event.accepted_at + OTHERS_OF_IMPORT_MS;
  if (nowMs < othersKnownAtMs && event.starts_at - nowMs > NEAR_START_MS)
    return { kind: 'postponed', reason: 'others-of-its-import', untilMs: othersKnownAtMs };
  const turn = await takeTurn(event, services, signal);
  if (turn.kind === 'changed') return { kind: 'postponed', reason: 'changed', untilMs: nowMs + RETRY_SOON_MS };
  if (turn.kind === 'later') {
    await warnIfLate(event, turn.readyByMs, services);
    return { kind: 'postponed', reason: 'not-its-turn', untilMs: turn.untilMs };
  }
  const opened = await readLiveEventItem(event.live_event_id, services);
  return opened ? advanceEvent(opened, services, signal) : { kind: 'ignored', reason: 'unknown-event' };
}

/** The two schedules as the item wants them. What is due now is opened by whoever finds it so; the check always needs its schedule. */
async function armSchedules(item: LiveEventItem, services: LiveEventServices): Promise<void> {
  if (item.live_state === 'pending' && isAhead(item.opens_at, services))
    await arm(item, 'open', item.opens_at, services);
  else await disarm(item, 'open', services);
  if (item.live_state === 'cancelled' || item.checked_revision === item.revision) await disarm(item, 'check', services);
  else await arm(item, 'check', Math.max(item.check_at, services.clock.nowMs() + AT_ONCE_MS), services);
}

/** Whether a moment is still to be waited for. */
export function isAhead(atMs: number, { clock }: Pick<LiveEventServices, 'clock'>): boolean {
  return atMs > clock.nowMs() + AT_ONCE_MS;
}
