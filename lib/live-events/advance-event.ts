import { readLiveEventItem } from './accept-event.ts';
import { warnIfLate } from './announce.ts';
import { createAttempts } from './attempts.ts';
import type { LiveEventItem, PendingEvent } from './live-event-item.ts';
import type { LiveEventOutcome } from './live-event-outcome.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { isAhead } from './moments.ts';
import { requestRooms } from './request-rooms.ts';
import { type Turn, takeTurn } from './take-turn.ts';

/**
 * An event that is due as soon as it is heard of waits a moment for those of the same import that start earlier, unless its own
 * start is near.
 */
const OTHERS_OF_IMPORT_MS = 10_000;
const NEAR_START_MS = 120_000;
const RETRY_SOON_MS = 1_000;
/** A warning that could not be published is tried again so soon, also if the event's turn comes later. */
const WARN_AGAIN_MS = 60_000;

/** Asks for the rooms of an event, if it is due and it is its turn. @throws UnsettledEventError, and what DynamoDB and SQS fail with */
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
        const attempts = createAttempts();
        await attempts.try(() => warnIfLate(item, item.ready_by, services));
        await attempts.try(() => requestRooms(item, services, signal));
        attempts.throwIfAny();
      }
      return { kind: 'opened' };
    case 'pending':
      if (isAhead(item.opens_at, services.clock)) return { kind: 'scheduled' };
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
  if (turn.kind === 'later') return waitForTurn(event, turn, services);
  const opened = await readLiveEventItem(event.live_event_id, services);
  return opened ? advanceEvent(opened, services, signal) : { kind: 'ignored', reason: 'unknown-event' };
}

/** A warning that fails does not cost the event its turn. */
async function waitForTurn(
  event: PendingEvent,
  { untilMs, readyByMs }: Extract<Turn, { kind: 'later' }>,
  services: LiveEventServices,
): Promise<LiveEventOutcome> {
  try {
    await warnIfLate(event, readyByMs, services);
    return { kind: 'postponed', reason: 'not-its-turn', untilMs };
  } catch (error) {
    const { live_event_id: liveEventId, revision } = event;
    services.log.error('A live event that will be late could not be announced', {
      liveEventId,
      revision,
      error: error instanceof Error ? error : String(error),
    });
    const warnAgainMs = services.clock.nowMs() + WARN_AGAIN_MS;
    return { kind: 'postponed', reason: 'not-its-turn', untilMs: Math.min(untilMs, warnAgainMs) };
  }
}
