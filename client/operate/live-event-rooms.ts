import { liveEventRosterId } from '../../lib/contract/live-event.ts';
import type { LiveEventItem } from '../../lib/live-events/live-event-item.ts';
import type { RosterMember } from '../../lib/rosters/roster-item.ts';
import { readMembers } from '../../lib/rosters/roster-members.ts';
import type { ReadableRosterTable } from '../../lib/rosters/roster-table.ts';

/** One room of a live event. `requested`: its request was sent, and has no outcome yet. */
export interface EventRoom {
  key: string;
  state: 'exists' | 'failed' | 'requested' | 'not requested';
  region?: string;
  arn?: string;
  /** Why the room failed. */
  reason?: string;
  error?: string;
  /** The event no longer has the room: a later revision dropped it. greenroom does not delete such a room. */
  isDropped?: true;
}

export interface RoomCounts {
  total: number;
  exist: number;
  failed: number;
  requested: number;
  notRequested: number;
}

/**
 * The rooms of an event, according to the rosters of all its revisions: first those of the current revision, then those that the event has
 * dropped. A room exists if any revision has created it. Unless the event is cancelled, a failure in an earlier revision does not count,
 * because the current revision requests the room again.
 * @throws errors from DynamoDB, and DamagedRosterError
 */
export async function readEventRooms(event: LiveEventItem, table: ReadableRosterTable): Promise<EventRoom[]> {
  const found = new Map<string, EventRoom>();
  const isFinal = event.live_state === 'cancelled';
  for (const revision of [...event.opened_revisions].sort((a, b) => b - a))
    for await (const member of readMembers(table, liveEventRosterId(event.live_event_id, revision))) {
      const room = roomOf(member, event.live_event_id);
      const counts = room.state !== 'failed' || isFinal || revision === event.revision;
      if (counts && (room.state === 'exists' || !found.has(room.key))) found.set(room.key, room);
    }
  const planned = new Set((event.rooms ?? []).map(({ key }) => key));
  const rooms = (event.rooms ?? []).map(
    ({ key, region }) => found.get(key) ?? { key, state: 'not requested' as const, ...(region && { region }) },
  );
  const others = [...found.values()].filter(({ key }) => !planned.has(key));
  return [...rooms, ...others.map((room): EventRoom => ({ ...room, isDropped: true }))];
}

/** How many rooms are in each state. Rooms that the event has dropped count only if it is cancelled. */
export function countRooms(rooms: readonly EventRoom[], { isCancelled }: { isCancelled: boolean }): RoomCounts {
  const counted = rooms.filter(({ isDropped }) => isCancelled || !isDropped);
  const count = (wanted: EventRoom['state']) => counted.filter(({ state }) => state === wanted).length;
  return {
    total: counted.length,
    exist: count('exists'),
    failed: count('failed'),
    requested: count('requested'),
    notRequested: count('not requested'),
  };
}

function roomOf({ idempotency_key, region, outcome, room_arn, reason, error }: RosterMember, id: string): EventRoom {
  const named = { key: idempotency_key.slice(`live/${id}/`.length), region };
  switch (outcome) {
    case undefined:
      return { ...named, state: 'requested' };
    case 'failed':
      return { ...named, state: 'failed', ...(reason && { reason }), ...(error && { error }) };
    default:
      return { ...named, state: 'exists', ...(room_arn && { arn: room_arn }) };
  }
}
