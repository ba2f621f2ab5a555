import { liveEventRoomKey, liveEventRosterId } from '../../contract/live-event.ts';
import type { RosterAtRisk } from '../../contract/roster-event.ts';
import { announceRisk, noteRevision } from './announce.ts';
import type { OpenedEvent, PendingEvent } from './live-event-item.ts';
import type { LiveEventServices } from './live-event-services.ts';

type MissingRoom = RosterAtRisk['data']['missing'][number];

/** Announces the event to be at risk unless all of its rooms stand. @returns how many don't */
export async function checkEvent(event: PendingEvent | OpenedEvent, services: LiveEventServices): Promise<number> {
  const missing = await missingRooms(event, services);
  if (missing.length > 0) await announceRisk(event, { cause: 'check', missing }, services);
  await noteRevision(event, 'checked_revision', services);
  return missing.length;
}

async function missingRooms(event: PendingEvent | OpenedEvent, { rosters }: LiveEventServices): Promise<MissingRoom[]> {
  const id = liveEventRosterId(event.live_event_id, event.revision);
  const meta = await rosters.read(id);
  if (meta !== undefined && meta.state !== 'open' && meta.provisioned >= meta.members) return [];
  const members = new Map<string, { outcome?: string | undefined; reason?: string | undefined }>();
  if (meta) for await (const member of rosters.members(id)) members.set(member.idempotency_key, member);
  return event.rooms.flatMap(({ key }): MissingRoom[] => {
    const { outcome, reason } = members.get(liveEventRoomKey(event.live_event_id, key)) ?? {};
    if (outcome === undefined) return [{ key, outcome: 'open' }];
    return outcome === 'failed' ? [{ key, outcome, ...(reason !== undefined && { reason }) }] : [];
  });
}
