import { sha256 } from '../contract/keys.ts';
import { liveEventRosterId } from '../contract/live-event.ts';
import type { Problem } from '../contract/problems.ts';
import { rosterAtRisk, rosterCancelled, rosterFailed } from '../contract/roster-announcements.ts';
import type { RosterAtRisk } from '../contract/roster-event.ts';
import { updateItem } from '../platform/tables.ts';
import { publishRosterEvent } from '../rosters/publish-roster-event.ts';
import { readMembers } from '../rosters/roster-members.ts';
import { type CancelledEvent, liveEventKey, type OpenedEvent, type PendingEvent } from './live-event-item.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { missingRooms } from './missing-rooms.ts';

/** The fields with which published roster events identify the live event. */
export function rosterNameOf(event: { live_event_id: string; revision: number; starts_at: number }) {
  const { live_event_id: liveEventId, revision } = event;
  return { liveEventId, revision, startsAt: new Date(event.starts_at).toISOString() };
}

/**
 * Announces why a message is refused.
 * @param refused `liveEventId` and `revision`: absent if they cannot be read. `storedAtMs`: if the stored event is the reason for the
 *   refusal, the time at which that event was accepted or cancelled. The announcement's id depends on it: the id is the same for every
 *   attempt, but differs if the event expires and is scheduled again
 */
export async function announceRefusal(
  refused: { liveEventId?: string; revision?: number; problems: Problem[]; body: string; storedAtMs?: number },
  services: LiveEventServices,
): Promise<void> {
  const { liveEventId, revision, problems, body, storedAtMs } = refused;
  const rosterId = ['live', liveEventId, revision].filter((part) => part !== undefined).join('/');
  const liveEvent = { ...(liveEventId !== undefined && { liveEventId }), ...(revision !== undefined && { revision }) };
  const event = rosterFailed({
    ...envelopeOf(rosterId, storedAtMs, services),
    occasion: sha256(body),
    data: { kind: 'live-event', roster: rosterId, liveEvent },
    problems,
  });
  await publishRosterEvent(services, event);
}

/**
 * Announces that the event is at risk because its rooms will be late at the current rate. The warning is published once per revision. Does
 * nothing if the rooms are expected by the start.
 */
export async function warnIfLate(
  event: PendingEvent | OpenedEvent,
  readyByMs: number,
  services: LiveEventServices,
): Promise<void> {
  if (readyByMs <= event.starts_at || event.warned_revision === event.revision) return;
  const missing = await missingRooms(event, services);
  if (missing.length === 0) return;
  await announceRisk(event, { cause: 'pace', missing, expectedAt: new Date(readyByMs).toISOString() }, services);
  await noteRevision(event, 'warned_revision', services);
}

/**
 * Records that the revision's warning was published, or that its check is done. Does nothing if the event no longer exists.
 * @throws TableUnavailableError
 */
export async function noteRevision(
  event: PendingEvent | OpenedEvent,
  what: 'warned_revision' | 'checked_revision',
  { clients, config }: LiveEventServices,
): Promise<void> {
  await updateItem(clients.dynamodb, {
    tableName: config.rosterTable,
    key: liveEventKey(event.live_event_id),
    update: `SET ${what} = :revision`,
    condition: 'attribute_exists(pk)',
    values: { revision: event.revision },
  });
}

/** Announces that an event may begin without all of its rooms. */
export async function announceRisk(
  event: PendingEvent | OpenedEvent,
  risk: { cause: RosterAtRisk['data']['cause']; missing: RosterAtRisk['data']['missing']; expectedAt?: string },
  services: LiveEventServices,
): Promise<void> {
  const { missing, ...rest } = risk;
  const total = event.rooms.length;
  const announced = rosterAtRisk({
    ...envelopeOf(liveEventRosterId(event.live_event_id, event.revision), event.accepted_at, services),
    data: { liveEvent: rosterNameOf(event), total, ready: total - missing.length, ...rest },
    missing,
  });
  await publishRosterEvent(services, announced);
}

/** Announces that an event is cancelled, and lists the rooms that it already has. */
export async function announceCancellation(event: CancelledEvent, services: LiveEventServices): Promise<void> {
  const { live_event_id: liveEventId, cancelled_revision: revision, starts_at } = event;
  const startsAt = starts_at === undefined ? {} : { startsAt: new Date(starts_at).toISOString() };
  const announced = rosterCancelled({
    ...envelopeOf(liveEventRosterId(liveEventId, revision), event.cancelled_at, services),
    liveEvent: { liveEventId, revision, ...startsAt },
    rooms: await madeRooms(event, services),
  });
  await publishRosterEvent(services, announced);
}

/** The existing rooms of all revisions that have requested rooms, in the order of their keys. */
async function madeRooms(event: CancelledEvent, { rosters }: LiveEventServices) {
  const rooms = new Map<string, { key: string; region: string; arn: string }>();
  for (const revision of event.opened_revisions) {
    for await (const { idempotency_key, region, room_arn } of readMembers(
      rosters,
      liveEventRosterId(event.live_event_id, revision),
    )) {
      const key = idempotency_key.slice(`live/${event.live_event_id}/`.length);
      if (room_arn !== undefined) rooms.set(key, { key, region, arn: room_arn });
    }
  }
  return [...rooms.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function envelopeOf(rosterId: string, storedAtMs: number | undefined, { config, clock }: LiveEventServices) {
  return { stage: config.stage, rosterId, timeMs: clock.nowMs(), storedAtMs };
}
