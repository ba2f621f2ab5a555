import type { ListRoomsResponse, RoomSummary } from '@aws-sdk/client-ivschat';
import { CLAIM_TAG } from '../ledger/room-tags.ts';
import type { Clock } from '../platform/clock.ts';

/** The fields of a listed room that the search needs. */
export interface ListedRoom {
  arn: string | undefined;
  claimTag: string | undefined;
  createdAtMs: number;
}

export interface ListedPage {
  rooms: readonly ListedRoom[];
  /** When the last room of the page was updated. No room on a later page was updated later. */
  reachedMs: number | undefined;
  nextToken: string | undefined;
  /** The number of pages that this invocation had read, including this one. */
  pagesReadSoFar: number;
}

/** Sends one ListRooms call in its own slot. */
export type ListPage = (token: string | undefined) => Promise<ListRoomsResponse>;

/** Identifies a list: the rooms with one name in one region. */
export interface ListedName {
  region: string;
  name: string;
}

/** One pass through the rooms with one name. Each page is read once, when the first request needs it. */
export interface Pass {
  /** When its first page was requested, by the clock of the worker that requested it. */
  startedAtMs: number;
  /** How many pages this invocation had read when the pass began. */
  pagesReadBefore: number;
  /** The token of its first page; undefined if the pass begins at the top of the list. */
  token: string | undefined;
  /**
   * Returns the page at an index. The caller must have read the page before it.
   * @throws the error of the call, to all requests that wait for the page. The next request for the page repeats the call
   */
  page(index: number, list: ListPage): Promise<ListedPage>;
}

/** The passes of one invocation. A pass that serves several requests is read once. */
export interface RoomListings {
  /** The number of pages read so far, in all passes. */
  pagesRead(): number;
  /** Returns a pass from the top that began at `sinceMs` or later, when at least `minPagesRead` pages had been read. */
  fromTop(name: ListedName, since: { sinceMs: number; minPagesRead: number }): Pass;
  /** Continues a pass that another invocation began, from the place where it stopped. */
  resume(name: ListedName, from: { startedAtMs: number; token: string }): Pass;
}

export function createRoomListings(clock: Pick<Clock, 'nowMs'>): RoomListings {
  const passes = new Map<string, Pass[]>();
  let pagesRead = 0;

  function passesOf({ region, name }: ListedName): Pass[] {
    const id = `${region}#${name}`;
    const known = passes.get(id) ?? [];
    passes.set(id, known);
    return known;
  }

  function begin(startedAtMs: number, token: string | undefined): Pass {
    const pages: Promise<ListedPage>[] = [];

    async function read(index: number, list: ListPage): Promise<ListedPage> {
      const pageToken = index === 0 ? token : (await pages[index - 1])?.nextToken;
      const response = await list(pageToken);
      pagesRead += 1;
      return toPage(response, pagesRead);
    }

    return {
      startedAtMs,
      pagesReadBefore: pagesRead,
      token,
      page(index, list) {
        const page = pages[index] ?? read(index, list);
        pages[index] = page;
        page.catch(() => {
          if (pages[index] === page) pages.length = index;
        });
        return page;
      },
    };
  }

  return {
    pagesRead: () => pagesRead,
    fromTop(name, { sinceMs, minPagesRead }) {
      const known = passesOf(name);
      const usable = known.find(
        ({ token, startedAtMs, pagesReadBefore }) =>
          token === undefined && startedAtMs >= sinceMs && pagesReadBefore >= minPagesRead,
      );
      if (usable) return usable;
      // Rule NOW: the clock is read before the first page is requested. This time counts for every request that the pass serves.
      const pass = begin(clock.nowMs(), undefined);
      known.push(pass);
      return pass;
    },
    resume(name, from) {
      const known = passesOf(name);
      const same = known.find(({ token, startedAtMs }) => token === from.token && startedAtMs === from.startedAtMs);
      if (same) return same;
      const pass = begin(from.startedAtMs, from.token);
      known.push(pass);
      return pass;
    },
  };
}

function toPage({ rooms = [], nextToken }: ListRoomsResponse, pagesReadSoFar: number): ListedPage {
  return { rooms: rooms.map(toListedRoom), reachedMs: rooms.at(-1)?.updateTime?.getTime(), nextToken, pagesReadSoFar };
}

function toListedRoom({ arn, tags, createTime }: RoomSummary): ListedRoom {
  return { arn, claimTag: tags?.[CLAIM_TAG], createdAtMs: createTime?.getTime() ?? 0 };
}
