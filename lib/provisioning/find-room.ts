import { GetRoomCommand, ListRoomsCommand } from '@aws-sdk/client-ivschat';
import type { ProvisionedRoom } from '../contract/room.ts';
import type { ListingProgress } from '../ledger/listing-progress.ts';
import { toProvisionedRoom } from './create-room.ts';
import type { SendOne } from './paced-call.ts';
import type { ListedName, ListedPage, ListedRoom, ListPage, Pass, RoomListings } from './room-listings.ts';

export interface RoomSearch {
  listed: ListedName;
  listings: RoomListings;
  /** `<claim_id>.<generation>`: only a room of exactly this generation counts. */
  claimTag: string;
  /** The intent whose room the search looks for. It is stored with the search's progress. */
  intentMs: number;
  /** A room that was last updated before this time is not the intent's room. The list is sorted by update time, newest first. */
  notBeforeMs: number;
  /** The search may use a pass from the top that another request began, if that pass began at this time or later. */
  sinceMs: number;
  /** A listing that began before this time proves nothing, so no last look follows it (see `findRoom`). */
  settledAtMs: number;
  /** The listing lag plus the largest difference between AWS's clock and a worker's. */
  lateMs: number;
  /** Reads only the first page. */
  quick?: boolean;
  /** Where an earlier search stopped and this one continues. */
  progress?: ListingProgress | undefined;
  /** Called after each step with the progress, so that another worker can continue; undefined if it must start at the top. */
  saveProgress(progress: ListingProgress | undefined): void;
  /** Sends one call in a slot of its API's quota. */
  call<Output>(api: 'ListRooms' | 'GetRoom', send: SendOne<Output>): Promise<Output>;
}

/** `listedSinceMs`: when the first page of the listing that found no room was requested. */
export type SearchResult = { room: ProvisionedRoom } | { room: undefined; listedSinceMs: number };

/** IVS Chat no longer accepts the token of a page. */
export class RefusedTokenError extends Error {
  override readonly name = 'RefusedTokenError';
}

type WalkResult =
  | { kind: 'found'; room: ListedRoom }
  | { kind: 'nothing'; isSnapshot: boolean; pagesReadSoFar: number };

const PAGE_SIZE = 50;

/**
 * Searches for a room with the claim's tag, and returns it with all fields that CreateRoom would have returned.
 *
 * A search without a result proves that there is no room only under two conditions: the listing began after the settle time, and it shows
 * the list at a single point in time. A single page does so. Several pages do not: a room that is updated while they are read moves to the
 * top of the list, and the reader misses it. Several pages are therefore followed by a "last look": another pass from the top, which reads
 * all rooms that were updated since the listing began. If the last look takes several pages too, another one follows.
 * @throws RefusedTokenError, and any error of ListRooms or GetRoom.
 */
export async function findRoom(search: RoomSearch): Promise<SearchResult> {
  const { listings, listed, progress } = search;
  let pass = startingPass(search);
  let depthMs = progress?.depth ?? search.notBeforeMs;
  const listedSinceMs = progress?.started_at ?? pass.startedAtMs;
  for (;;) {
    const walked = await walk(pass, search, { listedSinceMs, depthMs });
    if (walked.kind === 'found') return { room: await getRoom(search, walked.room.arn) };
    // Rule ONEPAGE.
    if (walked.isSnapshot || search.quick || listedSinceMs < search.settledAtMs) break;
    // Rules LAST and LAG: a room that moved during this pass was updated at this time or later.
    depthMs = pass.startedAtMs - search.lateMs;
    const nextProgress = { started_at: listedSinceMs, pass_started_at: pass.startedAtMs, depth: depthMs };
    search.saveProgress({ intent: search.intentMs, ...nextProgress });
    // Rule ORDER: a pass that another request began earlier does not show the rooms that have moved since.
    pass = listings.fromTop(listed, { sinceMs: pass.startedAtMs, minPagesRead: walked.pagesReadSoFar });
  }
  search.saveProgress(undefined);
  return { room: undefined, listedSinceMs };
}

function startingPass({ listings, listed, progress, sinceMs }: RoomSearch): Pass {
  if (progress?.token !== undefined) {
    return listings.resume(listed, { startedAtMs: progress.pass_started_at, token: progress.token });
  }
  return progress
    ? listings.fromTop(listed, { sinceMs: progress.pass_started_at, minPagesRead: listings.pagesRead() })
    : listings.fromTop(listed, { sinceMs, minPagesRead: 0 });
}

/** Reads a pass until it finds the room, or reaches its depth or the end of the list. */
async function walk(
  pass: Pass,
  search: RoomSearch,
  { listedSinceMs, depthMs }: { listedSinceMs: number; depthMs: number },
): Promise<WalkResult> {
  for (let index = 0; ; index++) {
    const page = await pass.page(index, listPage(search));
    const room = oldestOf(page, search.claimTag);
    if (room) return { kind: 'found', room };
    const { nextToken, reachedMs, pagesReadSoFar } = page;
    const isAtEnd = nextToken === undefined || (reachedMs !== undefined && reachedMs < depthMs);
    if (isAtEnd || search.quick) {
      return { kind: 'nothing', isSnapshot: index === 0 && pass.token === undefined, pagesReadSoFar };
    }
    const soFar = { started_at: listedSinceMs, pass_started_at: pass.startedAtMs, depth: depthMs };
    search.saveProgress({ intent: search.intentMs, ...soFar, token: nextToken });
  }
}

function listPage({ listed, call }: RoomSearch): ListPage {
  return async (nextToken) => {
    const command = new ListRoomsCommand({ name: listed.name, maxResults: PAGE_SIZE, nextToken });
    try {
      return await call('ListRooms', (client, options) => client.send(command, options));
    } catch (cause) {
      // Rule REFUSED: a refused token is not the end of the list.
      if (nextToken === undefined || !(cause instanceof Error) || cause.name !== 'ValidationException') throw cause;
      throw new RefusedTokenError('ListRooms no longer accepts its token', { cause });
    }
  };
}

/** ListRooms returns summaries, which lack the message limits. */
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
