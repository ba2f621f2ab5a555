import { liveEventRoomKey, liveEventRosterId } from '../contract/live-event.ts';
import type { RosterMember } from '../rosters/roster-item.ts';
import { readMembers } from '../rosters/roster-members.ts';
import { readRoster } from '../rosters/roster-states.ts';
import type { ReadableRosterTable } from '../rosters/roster-table.ts';
import type { OpenedEvent, PendingEvent } from './live-event-item.ts';

/** The outcome of a room according to the rosters. A room without an outcome is under way: its request was sent but is not answered yet. */
export type FoundRoom = Pick<RosterMember, 'outcome' | 'reason'>;

type Planned = Pick<PendingEvent | OpenedEvent, 'live_event_id' | 'revision' | 'rooms' | 'opened_revisions'> &
  Partial<Pick<PendingEvent, 'sent_revisions'>>;
interface Reading {
  rosters: ReadableRosterTable;
  log: { error(message: string, detail: Record<string, unknown>): void };
}

const EXISTING: FoundRoom = { outcome: 'created' };

/**
 * Finds the outcomes of an event's rooms in the rosters of all its revisions, by idempotency key. If a room was created for an earlier
 * revision, its key needs no other room. A failure counts only in the current revision, because the current revision requests again the
 * rooms that failed before. A room is under way if an earlier revision has requested it and no roster has an outcome that counts. Rosters
 * are read from the newest to the oldest, until all rooms are found. A roster that cannot be read is skipped.
 */
export async function roomsFound(event: Planned, { rosters, log }: Reading): Promise<Map<string, FoundRoom>> {
  const { sent_revisions = new Set() } = event;
  const keys = event.rooms.map(({ key }) => liveEventRoomKey(event.live_event_id, key));
  const found = new Map<string, FoundRoom>();
  const underWay = new Map<string, FoundRoom>();
  for (const revision of newestFirst(event)) {
    const wanted = new Set(keys.filter((key) => !found.has(key)));
    if (wanted.size === 0) break;
    const id = liveEventRosterId(event.live_event_id, revision);
    const isOwn = revision === event.revision;
    try {
      if (isOwn && (await isComplete(id, rosters))) return new Map(keys.map((key) => [key, EXISTING]));
      const isSent = sent_revisions.has(revision);
      for await (const member of readMembers(rosters, id))
        if (wanted.has(member.idempotency_key)) noteRoom(member, { isOwn, isSent }, { found, underWay });
    } catch (error) {
      log.error('A roster could not be read; its rooms count as missing', {
        roster: id,
        error: error instanceof Error ? error : String(error),
      });
    }
  }
  return new Map([...underWay, ...found]);
}

function noteRoom(
  { idempotency_key: key, outcome, reason }: RosterMember,
  { isOwn, isSent }: { isOwn: boolean; isSent: boolean },
  rooms: { found: Map<string, FoundRoom>; underWay: Map<string, FoundRoom> },
): void {
  if (outcome === undefined) {
    if (isSent && !isOwn) rooms.underWay.set(key, {});
  } else if (isOwn || outcome !== 'failed') rooms.found.set(key, { outcome, reason });
}

/** The number of missing rooms of an event, by region. A region without missing rooms has 0. */
export async function missingByRegion(
  event: Planned,
  defaultRegion: string,
  reading: Reading,
): Promise<Record<string, number>> {
  const { toRequest, underWay } = await outstandingByRegion(event, defaultRegion, reading);
  return Object.fromEntries(
    Object.entries(toRequest).map(([region, rooms]) => [region, rooms + (underWay[region] ?? 0)]),
  );
}

/**
 * The numbers of missing rooms by region: rooms that must be requested, and rooms that an earlier revision has requested. Both records
 * contain every region of the event.
 */
export interface OutstandingRooms {
  toRequest: Record<string, number>;
  underWay: Record<string, number>;
}

/** Counts the missing rooms: those that must be requested, and those under way, which are already in the region's backlog. */
export async function outstandingByRegion(
  event: Planned,
  defaultRegion: string,
  reading: Reading,
): Promise<OutstandingRooms> {
  const found = await roomsFound(event, reading);
  const toRequest: Record<string, number> = {};
  const underWay: Record<string, number> = {};
  for (const { key, region = defaultRegion } of event.rooms) {
    const room = found.get(liveEventRoomKey(event.live_event_id, key));
    const isUnderWay = room !== undefined && room.outcome === undefined;
    const mustRequest = room === undefined || room.outcome === 'failed';
    toRequest[region] = (toRequest[region] ?? 0) + (mustRequest ? 1 : 0);
    underWay[region] = (underWay[region] ?? 0) + (isUnderWay ? 1 : 0);
  }
  return { toRequest, underWay };
}

function newestFirst({ revision, opened_revisions }: Planned): number[] {
  return [...new Set([revision, ...opened_revisions])].sort((a, b) => b - a);
}

/** Whether all rooms of a revision exist. The counters of its roster show this, so the members need not be read. */
async function isComplete(rosterId: string, rosters: Reading['rosters']): Promise<boolean> {
  const meta = await readRoster(rosters, rosterId);
  return meta !== undefined && meta.state !== 'open' && meta.provisioned >= meta.members;
}
