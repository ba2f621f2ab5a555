import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { LiveEventItem } from '../../lib/live-events/live-event-item.ts';
import { readLiveEventItem } from '../../lib/live-events/read-live-event-item.ts';
import {
  parseRefusedRevision,
  type RefusedRevision,
  refusedRevisionKey,
} from '../../lib/live-events/refused-revision.ts';
import type { ReadableRosterTable } from '../../lib/rosters/roster-table.ts';
import type { ReleasedEventRoom } from './live-event-releases.ts';
import { type AtRisk, atRiskOf, type ListedState, type NotApplied, notAppliedOf, stateOf } from './live-event-risk.ts';
import { countRooms, type RoomCounts, readEventRooms } from './live-event-rooms.ts';

/** Everything that greenroom stores about one live event. A time is absent if it is unknown, or if its step has not happened. */
export interface EventDetail {
  liveEventId: string;
  tenant: string;
  revision: number;
  state: ListedState;
  startsAtMs?: number;
  endsAtMs?: number;
  /**
   * When the rooms are released; for a cancelled event, when the commands to release them were sent. Absent if they are kept. A release
   * command for a single room may state another time.
   */
  releaseAtMs?: number;
  opensAtMs?: number;
  openedAtMs?: number;
  checkAtMs?: number;
  cancelledAtMs?: number;
  counts: RoomCounts;
  atRisk?: AtRisk;
  /** The last message that was not applied, unless the event has been changed since then. */
  notApplied?: NotApplied;
  rooms: ReleasedEventRoom[];
}

/**
 * @returns the `event` and the `item` from which it was made, both absent if no revision was accepted; and `notApplied`, the refusal of the
 *   last message if that message was not applied
 * @throws errors from DynamoDB, and DamagedRosterError
 */
export async function readEventDetail(
  liveEventId: string,
  table: ReadableRosterTable,
): Promise<{ event?: EventDetail; item?: LiveEventItem; notApplied?: NotApplied }> {
  const item = await readLiveEventItem(liveEventId, { rosters: table });
  const refused = await readRefusedRevision(liveEventId, table);
  const changedAtMs = item === undefined ? 0 : changedAt(item);
  const notApplied = notAppliedOf(refused, changedAtMs);
  const noted = notApplied === undefined ? {} : { notApplied };
  return item === undefined ? noted : { event: { ...(await detailOf(item, table)), ...noted }, item, ...noted };
}

/** The note on the last message that was not applied to its event. @throws errors from DynamoDB */
export async function readRefusedRevision(
  liveEventId: string,
  { dynamodb, tableName }: ReadableRosterTable,
): Promise<RefusedRevision | undefined> {
  const command = new GetItemCommand({
    TableName: tableName,
    Key: refusedRevisionKey(liveEventId),
    ConsistentRead: true,
  });
  const { Item } = await dynamodb.send(command);
  return Item && parseRefusedRevision(Item);
}

async function detailOf(item: LiveEventItem, table: ReadableRosterTable): Promise<EventDetail> {
  const rooms = await readEventRooms(item, table);
  const counts = countRooms(rooms, { isCancelled: item.live_state === 'cancelled' });
  const { revision } = item;
  const { exist: roomsReady, failed: roomsFailed, total: roomsTotal } = counts;
  const state = stateOf(item.live_state, { roomsReady, roomsFailed, roomsTotal });
  const roomsMissing = roomsTotal - roomsReady;
  const atRisk = atRiskOf({ state, revision, roomsMissing }, item);
  return {
    ...{ liveEventId: item.live_event_id, tenant: item.tenant, revision, state },
    ...timesOf(item),
    counts,
    ...(atRisk && { atRisk }),
    rooms,
  };
}

function timesOf(item: LiveEventItem) {
  if (item.live_state === 'cancelled')
    return {
      ...(item.starts_at !== undefined && { startsAtMs: item.starts_at }),
      cancelledAtMs: item.cancelled_at,
      ...(item.release_sent_at !== undefined && { releaseAtMs: item.release_sent_at }),
    };
  const times = {
    startsAtMs: item.starts_at,
    ...(item.ends_at !== undefined && { endsAtMs: item.ends_at }),
    ...(item.release_at !== undefined && { releaseAtMs: item.release_at }),
    opensAtMs: item.opens_at,
    checkAtMs: item.check_at,
  };
  return item.live_state === 'opened' ? { ...times, openedAtMs: item.opened_at } : times;
}

function changedAt(item: LiveEventItem): number {
  return item.live_state === 'cancelled' ? item.cancelled_at : item.accepted_at;
}
