import { GetRoomCommand, ListRoomsCommand, type RoomSummary } from '@aws-sdk/client-ivschat';
import type { ProvisionedRoom } from '../contract/room.ts';
import { toProvisionedRoom } from './create-room.ts';
import type { SendOne } from './paced-call.ts';
import { CLAIM_TAG } from './room-tags.ts';

export interface RoomSearch {
  name: string;
  /** `<claim_id>.<generation>`: only a room of this very generation counts. */
  claimTag: string;
  /** Rooms updated before this cannot be meant; the list is in descending order of update time. */
  notBeforeMs: number;
  /** Sends one call in a slot of its API's quota. */
  call<Output>(api: 'ListRooms' | 'GetRoom', send: SendOne<Output>): Promise<Output>;
}

const PAGE_SIZE = 50;

/**
 * Finds the room of a claim: the oldest with its tag, whole as CreateRoom would have returned it.
 *
 * Finding one is proof. Finding none is not, until the settle time has passed since the intent.
 * @throws whatever ListRooms or GetRoom fail with.
 */
export async function findRoom(search: RoomSearch): Promise<ProvisionedRoom | undefined> {
  const [oldest] = (await listRooms(search)).sort(byAge);
  if (oldest === undefined) return undefined;
  // A summary lacks the message limits.
  const command = new GetRoomCommand({ identifier: oldest.arn });
  return toProvisionedRoom(await search.call('GetRoom', (client, options) => client.send(command, options)));
}

async function listRooms(search: RoomSearch): Promise<RoomSummary[]> {
  const found: RoomSummary[] = [];
  let nextToken: string | undefined;
  do {
    const command = new ListRoomsCommand({ name: search.name, maxResults: PAGE_SIZE, nextToken });
    const page = await search.call('ListRooms', (client, options) => client.send(command, options));
    const rooms = page.rooms ?? [];
    found.push(...rooms.filter((room) => room.tags?.[CLAIM_TAG] === search.claimTag));
    const last = rooms.at(-1)?.updateTime;
    nextToken = last && last.getTime() < search.notBeforeMs ? undefined : page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

function byAge(a: RoomSummary, b: RoomSummary): number {
  const ageDifference = (a.createTime?.getTime() ?? 0) - (b.createTime?.getTime() ?? 0);
  return ageDifference || (String(a.arn) < String(b.arn) ? -1 : 1);
}
