import { liveEventRoomKey, liveEventRosterId } from '../contract/live-event.ts';
import type { RosterMember } from '../rosters/roster-item.ts';
import { readMembers } from '../rosters/roster-members.ts';
import { readRoster } from '../rosters/roster-states.ts';
import type { ReadableRosterTable } from '../rosters/roster-table.ts';
import type { OpenedEvent, PendingEvent } from './live-event-item.ts';

/** What became of a room, as far as rosters tell. Without an outcome it is under way: it was asked for, and is not answered yet. */
export type FoundRoom = Pick<RosterMember, 'outcome' | 'reason'>;

type Planned = Pick<PendingEvent | OpenedEvent, 'live_event_id' | 'revision' | 'rooms' | 'opened_revisions'> &
  Partial<Pick<PendingEvent, 'sent_revisions'>>;
interface Reading {
  rosters: ReadableRosterTable;
  log: { error(message: string, detail: Record<string, unknown>): void };
}

const EXISTING: FoundRoom = { outcome: 'created' };

/**
 * The outcomes of an event's rooms by idempotency key, over all of its revisions: a room that was made for an earlier one exists, and
 * its key needs no other. A failure counts in the event's own revision only, since a later one asks again. The newest roster
 * is read first, and no more of them than it takes to find all rooms. A roster that can't be read tells nothing. A room that an earlier
 * revision has asked for, and that no roster has an outcome of, is under way.
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

/** How many of an event's rooms are missing, by region. A region that has all of its rooms is there with 0. */
export async function missingByRegion(
  event: Planned,
  defaultRegion: string,
  reading: Reading,
): Promise<Record<string, number>> {
  const { toAsk, underWay } = await outstandingByRegion(event, defaultRegion, reading);
  return Object.fromEntries(Object.entries(toAsk).map(([region, rooms]) => [region, rooms + (underWay[region] ?? 0)]));
}

/** Of the rooms that are missing: those that are still to ask for, and those that an earlier revision has asked for. Both name every region. */
export interface OutstandingRooms {
  toAsk: Record<string, number>;
  underWay: Record<string, number>;
}

/** Which rooms are still work, and for whom: those under way are in the region's backlog already. */
export async function outstandingByRegion(
  event: Planned,
  defaultRegion: string,
  reading: Reading,
): Promise<OutstandingRooms> {
  const found = await roomsFound(event, reading);
  const toAsk: Record<string, number> = {};
  const underWay: Record<string, number> = {};
  for (const { key, region = defaultRegion } of event.rooms) {
    const room = found.get(liveEventRoomKey(event.live_event_id, key));
    const isUnderWay = room !== undefined && room.outcome === undefined;
    const isToAsk = room === undefined || room.outcome === 'failed';
    toAsk[region] = (toAsk[region] ?? 0) + (isToAsk ? 1 : 0);
    underWay[region] = (underWay[region] ?? 0) + (isUnderWay ? 1 : 0);
  }
  return { toAsk, underWay };
}

function newestFirst({ revision, opened_revisions }: Planned): number[] {
  return [...new Set([revision, ...opened_revisions])].sort((a, b) => b - a);
}

/** All rooms of a revision stand: its roster's counters tell without its members. */
async function isComplete(rosterId: string, rosters: Reading['rosters']): Promise<boolean> {
  const meta = await readRoster(rosters, rosterId);
  return meta !== undefined && meta.state !== 'open' && meta.provisioned >= meta.members;
}
