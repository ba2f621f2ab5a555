import { GetRoomCommand, ListRoomsCommand } from '@aws-sdk/client-ivschat';
import type { ProvisionedRoom } from '../contract/room.ts';
import type { ListingPlace } from '../ledger/listing-place.ts';
import { toProvisionedRoom } from './create-room.ts';
import type { SendOne } from './paced-call.ts';
import type { ListedName, ListedPage, ListedRoom, ListPage, Pass, RoomListings } from './room-listings.ts';

export interface RoomSearch {
  listed: ListedName;
  listings: RoomListings;
  /** `<claim_id>.<generation>`: only a room of this very generation counts. */
  claimTag: string;
  /** The intent by which the room was made; a place is kept for it. */
  intentMs: number;
  /** Rooms updated before this cannot be meant; the list is in descending order of update time. */
  notBeforeMs: number;
  /** A listing from the top is of use if it began at this moment or later. */
  sinceMs: number;
  /** A listing that began before this proves nothing, and needs no last look. */
  settledAtMs: number;
  /** The longest time after which the list shows a change, and the most that AWS's clock and a worker's differ. */
  lateMs: number;
  /** Only the first page is looked at. */
  quick?: boolean;
  /** From where to go on. */
  place?: ListingPlace | undefined;
  /** Told, whenever it has come further, where another worker could go on; undefined: at the top. */
  keepPlace(place: ListingPlace | undefined): void;
  /** Sends one call in a slot of its API's quota. */
  call<Output>(api: 'ListRooms' | 'GetRoom', send: SendOne<Output>): Promise<Output>;
}

/** `listedSinceMs`: when the first page of the listing that shows no room was asked for. */
export type SearchResult = { room: ProvisionedRoom } | { room: undefined; listedSinceMs: number };

/** The service does not take the token of a page any more. */
export class RefusedTokenError extends Error {
  override readonly name = 'RefusedTokenError';
}

type Walked = { kind: 'found'; room: ListedRoom } | { kind: 'nothing'; isOneMoment: boolean; readAs: number };

const PAGE_SIZE = 50;

/**
 * Finds the room of a claim, whole as CreateRoom would have returned it: the first that is met with its tag.
 *
 * Finding one is proof. Finding none is not, until the settle time had passed when the listing began; and a listing of several
 * pages is none of one moment, because a room that is updated meanwhile jumps to the top of the list. So it is followed by a
 * last look, from the top down to the rooms that were updated since. One page shows one moment; a last look that needs more
 * is followed by another.
 * @throws RefusedTokenError, and whatever ListRooms or GetRoom fail with.
 */
export async function findRoom(search: RoomSearch): Promise<SearchResult> {
  const { listings, listed, place } = search;
  let pass = startingPass(search);
  let depthMs = place?.depth ?? search.notBeforeMs;
  const listedSinceMs = place?.started_at ?? pass.startedAtMs;
  for (;;) {
    const walked = await walk(pass, search, { listedSinceMs, depthMs });
    if (walked.kind === 'found') return { room: await getRoom(search, walked.room.arn) };
    // Rule ONEPAGE.
    if (walked.isOneMoment || search.quick || listedSinceMs < search.settledAtMs) break;
    // Rules LAST and LAG: what was listed at its new place meanwhile was updated so long before at most.
    depthMs = pass.startedAtMs - search.lateMs;
    const lookPlace = { started_at: listedSinceMs, pass_started_at: pass.startedAtMs, depth: depthMs };
    search.keepPlace({ intent: search.intentMs, ...lookPlace });
    // Rule ORDER: one that another request has read before says nothing of what moved since.
    pass = listings.fromTop(listed, { sinceMs: pass.startedAtMs, after: walked.readAs });
  }
  search.keepPlace(undefined);
  return { room: undefined, listedSinceMs };
}

function startingPass({ listings, listed, place, sinceMs }: RoomSearch): Pass {
  if (place?.token !== undefined) {
    return listings.resume(listed, { startedAtMs: place.pass_started_at, token: place.token });
  }
  return place
    ? listings.fromTop(listed, { sinceMs: place.pass_started_at, after: listings.pagesRead() })
    : listings.fromTop(listed, { sinceMs, after: 0 });
}

/** Reads a pass down until the room is met, its depth is reached or the list ends. */
async function walk(
  pass: Pass,
  search: RoomSearch,
  { listedSinceMs, depthMs }: { listedSinceMs: number; depthMs: number },
): Promise<Walked> {
  for (let index = 0; ; index++) {
    const page = await pass.page(index, listPage(search));
    const room = oldestOf(page, search.claimTag);
    if (room) return { kind: 'found', room };
    const { nextToken, reachedMs, readAs } = page;
    const isAtEnd = nextToken === undefined || (reachedMs !== undefined && reachedMs < depthMs);
    if (isAtEnd || search.quick) {
      return { kind: 'nothing', isOneMoment: index === 0 && pass.token === undefined, readAs };
    }
    const soFar = { started_at: listedSinceMs, pass_started_at: pass.startedAtMs, depth: depthMs };
    search.keepPlace({ intent: search.intentMs, ...soFar, token: nextToken });
  }
}

function listPage({ listed, call }: RoomSearch): ListPage {
  return async (nextToken) => {
    const command = new ListRoomsCommand({ name: listed.name, maxResults: PAGE_SIZE, nextToken });
    try {
      return await call('ListRooms', (client, options) => client.send(command, options));
    } catch (cause) {
      // Rule REFUSED: it is not the end of the list.
      if (nextToken === undefined || !(cause instanceof Error) || cause.name !== 'ValidationException') throw cause;
      throw new RefusedTokenError('ListRooms refuses its token', { cause });
    }
  };
}

/** A summary lacks the message limits. */
async function getRoom({ call }: RoomSearch, arn: string | undefined): Promise<ProvisionedRoom> {
  const command = new GetRoomCommand({ identifier: arn });
  return toProvisionedRoom(await call('GetRoom', (client, options) => client.send(command, options)));
}

function oldestOf({ rooms }: ListedPage, claimTag: string): ListedRoom | undefined {
  return rooms.filter((room) => room.claimTag === claimTag).sort(byAge)[0];
}

function byAge(a: ListedRoom, b: ListedRoom): number {
  return a.createdAtMs - b.createdAtMs || (String(a.arn) < String(b.arn) ? -1 : 1);
}
