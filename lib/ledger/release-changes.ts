import type { Change } from './ledger.ts';
import type { RoomItem } from './ledger-item.ts';
import type { StoredWish } from './wish.ts';
import { DUE_INDEX, expiresAt, wishAsSeen } from './wish-changes.ts';

/** The settings on which the mark depends. */
export interface MarkTimes {
  nowMs: number;
  clockErrorMs: number;
  /** DeleteRoom may fail to find a room for this long after the room was created. */
  listingLagMs: number;
}

/**
 * The time from which an item with this wish can be marked, by this worker's clock. The item waits in the due index until then.
 */
export function releaseDueAtMs(
  item: Pick<RoomItem, 'decided_at'>,
  wish: StoredWish,
  { clockErrorMs, listingLagMs }: Omit<MarkTimes, 'nowMs'>,
): number {
  return Math.max(wish.dueAtMs, item.decided_at + listingLagMs) + clockErrorMs;
}

/**
 * The mark makes the release final. Its condition requires the wish that the worker has read (rule ATOMIC). The release time must have passed by
 * at least the clock error (rule MARGIN). The room must be so old that DeleteRoom finds it (rule YOUNG), so that a 404 can be trusted. The item
 * must be completed, because the room has then been published (rule DONE).
 * @param mark.event the `released` event, in JSON
 * @param mark.lookAtMs when another worker may continue, if this one crashes
 */
export function markChange(
  item: RoomItem,
  wish: StoredWish,
  { event, lookAtMs }: { event: string; lookAtMs: number },
  times: MarkTimes,
): Change {
  return {
    condition:
      '#status = :completed AND #decision = :room AND #room_arn = :room_arn AND attribute_not_exists(#release_marked_at) ' +
      'AND #release_at = :at AND #release_wished_at = :wished_at ' +
      'AND (attribute_not_exists(#begun_after) OR #begun_after < :wished_at) ' +
      'AND #release_due_at <= :due_until AND #decided_at <= :decided_until',
    set: { release_marked_at: ':now', released_event: ':event', release_look_at: ':look_at' },
    values: {
      completed: 'COMPLETED',
      room: 'room',
      room_arn: item.room_arn,
      at: wish.releaseAtMs,
      wished_at: wish.wishedAtMs,
      due_until: times.nowMs - times.clockErrorMs,
      decided_until: times.nowMs - times.listingLagMs - times.clockErrorMs,
      now: times.nowMs,
      look_at: lookAtMs,
      event,
    },
  };
}

/**
 * The end of a release: the room is deleted, and `released` was published. Until this write, the item of a released room stays in the due
 * index (rule STAY).
 */
export function finishChange(roomArn: string, times: { nowMs: number; keyRetentionSeconds: number }): Change {
  return {
    condition: 'attribute_exists(#release_marked_at) AND #room_arn = :room_arn AND attribute_not_exists(#released_at)',
    set: { released_at: ':now', expires_at: ':expires_at' },
    remove: DUE_INDEX,
    values: { room_arn: roomArn, now: times.nowMs, expires_at: expiresAt(times.nowMs, times) },
  };
}

/**
 * Moves an item in the due index to a later time. Without the condition, the write could create an item again that has just expired.
 * @param deniedSinceMs the time since which the calls of the release have been denied; undefined if they are not denied
 */
export function pushBackChange(seenLookAtMs: number, lookAtMs: number, deniedSinceMs?: number): Change {
  const isDenied = deniedSinceMs !== undefined;
  return {
    condition: '#release_look_at = :seen',
    set: { release_look_at: ':look_at', ...(isDenied && { release_denied_since: ':denied_since' }) },
    ...(!isDenied && { remove: ['release_denied_since'] }),
    values: { seen: seenLookAtMs, look_at: lookAtMs, ...(isDenied && { denied_since: deniedSinceMs }) },
  };
}

/**
 * The time since which the calls of a release have been denied without another result in between; undefined if they were not. A time that was
 * stored before the room became due or was marked belongs to an earlier wish or call.
 */
export function releaseDeniedSinceMs({
  release_denied_since: sinceMs,
  release_due_at: dueAtMs = 0,
  release_marked_at: markedAtMs = dueAtMs,
}: RoomItem): number | undefined {
  return sinceMs !== undefined && sinceMs >= Math.max(dueAtMs, markedAtMs) ? sinceMs : undefined;
}

/**
 * Removes an item from the due index without a release, because a person has taken over the room by changing its tag. A new wish adds the
 * item to the index again. The condition requires the wish that the worker has read, because a new wish may have the same place in the
 * index.
 */
export function leaveIndexChange(
  item: RoomItem,
  seenLookAtMs: number,
  times: { nowMs: number; keyRetentionSeconds: number },
): Change {
  const { condition, values } = wishAsSeen(item);
  return {
    condition: `#release_look_at = :seen AND attribute_not_exists(#release_marked_at) AND ${condition}`,
    set: { expires_at: ':expires_at' },
    remove: DUE_INDEX,
    values: { ...values, seen: seenLookAtMs, expires_at: expiresAt(times.nowMs, times) },
  };
}
