import { liveEventRoomKey, liveEventRosterId } from '../../contract/live-event.ts';
import type { RosterMember } from '../roster-item.ts';
import type { RosterTable } from '../roster-table.ts';
import type { OpenedEvent, PendingEvent } from './live-event-item.ts';

/** What became of a room, as far as rosters tell. */
export type FoundRoom = Pick<RosterMember, 'outcome' | 'reason'>;

type Planned = Pick<PendingEvent | OpenedEvent, 'live_event_id' | 'revision' | 'rooms' | 'opened_revisions'>;
interface Reading {
  rosters: Pick<RosterTable, 'read' | 'members'>;
  log: { error(message: string, detail: Record<string, unknown>): void };
}

const EXISTING: FoundRoom = { outcome: 'created' };

/**
 * The outcomes of an event's rooms by idempotency key, over all of its revisions: a room that was made for an earlier one exists, and
 * its key needs no other. A failure counts in the event's own revision only, since a later one asks again. The newest roster
 * is read first, and no more of them than it takes to find all rooms. A roster that can't be read tells nothing.
 */
export async function roomsFound(event: Planned, { rosters, log }: Reading): Promise<Map<string, FoundRoom>> {
  const keys = event.rooms.map(({ key }) => liveEventRoomKey(event.live_event_id, key));
  const found = new Map<string, FoundRoom>();
  for (const revision of newestFirst(event)) {
    const wanted = new Set(keys.filter((key) => !found.has(key)));
    if (wanted.size === 0) break;
    const id = liveEventRosterId(event.live_event_id, revision);
    const isOwn = revision === event.revision;
    try {
      if (isOwn && (await isComplete(id, rosters))) return new Map(keys.map((key) => [key, EXISTING]));
      for await (const { idempotency_key, outcome, reason } of rosters.members(id)) {
        const counts = outcome !== undefined && (isOwn || outcome !== 'failed');
        if (counts && wanted.has(idempotency_key)) found.set(idempotency_key, { outcome, reason });
      }
    } catch (error) {
      log.error('A roster could not be read; its rooms count as missing', {
        roster: id,
        error: error instanceof Error ? error : String(error),
      });
    }
  }
  return found;
}

/** How many of an event's rooms are missing, by region. A region that has all of its rooms is there with 0. */
export async function missingByRegion(
  event: Planned,
  defaultRegion: string,
  reading: Reading,
): Promise<Record<string, number>> {
  const found = await roomsFound(event, reading);
  const missing = new Map<string, number>();
  for (const { key, region = defaultRegion } of event.rooms) {
    const { outcome } = found.get(liveEventRoomKey(event.live_event_id, key)) ?? {};
    const isMissing = outcome === undefined || outcome === 'failed';
    missing.set(region, (missing.get(region) ?? 0) + (isMissing ? 1 : 0));
  }
  return Object.fromEntries(missing);
}

function newestFirst({ revision, opened_revisions }: Planned): number[] {
  return [...new Set([revision, ...opened_revisions])].sort((a, b) => b - a);
}

/** All rooms of a revision stand: its roster's counters tell without its members. */
async function isComplete(rosterId: string, rosters: Reading['rosters']): Promise<boolean> {
  const meta = await rosters.read(rosterId);
  return meta !== undefined && meta.state !== 'open' && meta.provisioned >= meta.members;
}
