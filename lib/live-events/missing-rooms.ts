import { liveEventRoomKey } from '../contract/live-event.ts';
import type { RosterAtRisk } from '../contract/roster-event.ts';
import type { OpenedEvent, PendingEvent } from './live-event-item.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { roomsFound } from './rooms-found.ts';

type MissingRoom = RosterAtRisk['data']['missing'][number];

/** The missing rooms of the event, according to the rosters of all its revisions. */
export async function missingRooms(
  event: PendingEvent | OpenedEvent,
  services: Pick<LiveEventServices, 'rosters' | 'log'>,
): Promise<MissingRoom[]> {
  const found = await roomsFound(event, services);
  return event.rooms.flatMap(({ key }): MissingRoom[] => {
    const { outcome, reason } = found.get(liveEventRoomKey(event.live_event_id, key)) ?? {};
    if (outcome === undefined) return [{ key, outcome: 'open' }];
    return outcome === 'failed' ? [{ key, outcome, ...(reason !== undefined && { reason }) }] : [];
  });
}
