import type { LiveEventRoom } from '../../lib/contract/live-event.ts';
import { missingByRegion } from '../../lib/live-events/rooms-found.ts';
import type { Deployment } from '../deployment.ts';
import { readLiveEventDetails } from './live-event-totals.ts';
import type { ProgrammeEvent } from './programme-forecast.ts';

/** An event of a programme with its rooms. */
export interface ScheduledEvent {
  liveEventId: string;
  revision: number;
  rooms: readonly LiveEventRoom[];
  event: ProgrammeEvent;
}

/**
 * Determines which rooms of a programme's events are still to be created. Rooms that earlier revisions requested do not count.
 * @returns also how many rooms already exist
 * @throws DynamoDB's error
 */
export async function roomsToCreate(
  scheduled: readonly ScheduledEvent[],
  deployment: Pick<Deployment, 'dynamodb' | 'rosterTable' | 'region'>,
  onUnreadable: (message: string) => void,
): Promise<{ events: ProgrammeEvent[]; existing: number }> {
  const { dynamodb, rosterTable: tableName, region } = deployment;
  const details = await readLiveEventDetails([...new Set(scheduled.map(({ liveEventId }) => liveEventId))], deployment);
  const rosters = { dynamodb, tableName };
  const events: ProgrammeEvent[] = [];
  let existing = 0;
  for (const { liveEventId, revision, rooms, event } of scheduled) {
    const opened_revisions = details.get(liveEventId)?.opened_revisions ?? new Set();
    if (opened_revisions.size === 0) {
      events.push(event);
      continue;
    }
    const planned = { live_event_id: liveEventId, revision, rooms: [...rooms], opened_revisions };
    const roomsByRegion = await missingByRegion(planned, region, { rosters, log: { error: onUnreadable } });
    existing += rooms.length - Object.values(roomsByRegion).reduce((sum, count) => sum + count, 0);
    events.push({ ...event, roomsByRegion });
  }
  return { events, existing };
}
