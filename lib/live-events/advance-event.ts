import { warnIfLate } from './announce.ts';
import { createAttempts } from './attempts.ts';
import { isAhead } from './event-times.ts';
import type { LiveEventItem, OpenedEvent, PendingEvent } from './live-event-item.ts';
import type { LiveEventOutcome, Postponed } from './live-event-outcome.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { readLiveEventItem } from './read-live-event-item.ts';
import { requestRooms } from './request-rooms.ts';
import { type Turn, takeTurn } from './take-turn.ts';

/**
 * An event that is already due when it is accepted waits this long, because other events of the same import may start earlier and should
 * then come first. An event whose start is near does not wait.
 */
const OTHERS_OF_IMPORT_MS = 10_000;
const NEAR_START_MS = 120_000;
/** A warning that could not be published is tried again within this time, even if the event's turn comes later. */
const WARN_AGAIN_MS = 60_000;

/**
 * Requests the rooms of an event, if the event is due and it is the event's turn.
 * @throws IncompleteEventError if the warning or the requests fail, and errors from DynamoDB
 */
export async function advanceEvent(
  item: LiveEventItem,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  let current: LiveEventItem | undefined = item;
  while (current?.live_state === 'pending') {
    if (isAhead(current.opens_at, services.clock)) return { kind: 'scheduled' };
    const opening = await openEvent(current, services, signal);
    if (opening.kind === 'postponed') return opening;
    // If a newer revision has replaced the opened one, the event is pending again.
    current = await readLiveEventItem(current.live_event_id, services);
  }
  switch (current?.live_state) {
    case undefined:
      return { kind: 'ignored', reason: 'unknown-event' };
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'opened':
      return finishOpening(current, services, signal);
  }
}

async function openEvent(
  event: PendingEvent,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<{ kind: 'opened' } | Postponed> {
  const nowMs = services.clock.nowMs();
  const othersKnownAtMs = event.accepted_at + OTHERS_OF_IMPORT_MS;
  if (nowMs < othersKnownAtMs && event.starts_at - nowMs > NEAR_START_MS)
    return { kind: 'postponed', reason: 'others-of-its-import', untilMs: othersKnownAtMs };
  const turn = await takeTurn(event, services, signal);
  switch (turn.kind) {
    case 'now':
      return { kind: 'opened' };
    case 'later':
      return waitForTurn(event, turn, services);
    case 'changed':
      return { kind: 'postponed', reason: 'changed', untilMs: nowMs };
  }
}

/** Warns if the rooms will be late, and requests them. Neither step depends on the other. */
async function finishOpening(
  event: OpenedEvent,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  if (event.sent_at !== undefined) return { kind: 'opened' };
  const attempts = createAttempts();
  await attempts.try(() => warnIfLate(event, event.ready_by, services));
  await attempts.try(() => requestRooms(event, services, signal));
  attempts.throwIfAny();
  return { kind: 'opened' };
}

/** Warns if the rooms will be late. If the warning fails, the event still waits for its turn, and the warning is tried again. */
async function waitForTurn(
  event: PendingEvent,
  { untilMs, readyByMs }: Extract<Turn, { kind: 'later' }>,
  services: LiveEventServices,
): Promise<Postponed> {
  try {
    await warnIfLate(event, readyByMs, services);
    return { kind: 'postponed', reason: 'not-its-turn', untilMs };
  } catch (error) {
    const { live_event_id: liveEventId, revision } = event;
    services.log.error('The warning that a live event will be late could not be published', {
      liveEventId,
      revision,
      error: error instanceof Error ? error : String(error),
    });
    const warnAgainMs = services.clock.nowMs() + WARN_AGAIN_MS;
    return { kind: 'postponed', reason: 'not-its-turn', untilMs: Math.min(untilMs, warnAgainMs) };
  }
}
