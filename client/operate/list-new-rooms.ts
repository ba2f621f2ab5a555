import {
  type IvschatClient,
  ListRoomsCommand,
  type ListRoomsResponse,
  type RoomSummary,
} from '@aws-sdk/client-ivschat';
import { type BackoffPolicy, backoffMs } from '../../lib/platform/backoff.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import { UserError } from '../user-error.ts';

const PAGE_SIZE = 50;
/** This interval uses four of the five calls a second that all callers of the region share. */
const INTERVAL_MS = 250;
/** More than the longest time until a list shows a change, plus the error of this machine's clock. */
const LATE_MS = 5 * 60_000;
const MAX_PASSES = 8;
/** Other programs also use the region's quota. Without retries, a single throttled page would restart a list of 1,000 pages. */
const MAX_ATTEMPTS_PER_PAGE = 10;
const BACKOFF: BackoffPolicy = { baseMs: 1_000, capMs: 10_000 };

interface Reading {
  clock: Clock;
  signal: AbortSignal;
}

/**
 * Lists those rooms of a region that were created or updated after `afterMs`. Several pages do not show the list at one point in time,
 * because a room that is updated while the pages are read moves to the top of the list. Further passes ("last looks") therefore follow,
 * until one of them takes a single page (rules LAST, LAG and ONEPAGE).
 * @throws UserError if rooms change too fast; the SDK's error if a page cannot be read
 */
export async function listNewRooms(client: IvschatClient, afterMs: number, reading: Reading): Promise<RoomSummary[]> {
  const found = new Map<string | undefined, RoomSummary>();
  let depthMs = afterMs;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const startedAtMs = reading.clock.nowMs();
    let pages = 0;
    for await (const rooms of pagesDownTo(depthMs, client, reading)) {
      pages += 1;
      for (const room of rooms) found.set(room.arn, room);
    }
    if (pages === 1) return [...found.values()];
    depthMs = startedAtMs - LATE_MS;
  }
  const region = await client.config.region();
  throw new UserError(`The rooms in ${region} change too fast to list them all: stop the programs that change them`);
}

/** The pages of the list from the top, up to the first page that contains a room last updated before `depthMs`. */
async function* pagesDownTo(depthMs: number, client: IvschatClient, reading: Reading): AsyncGenerator<RoomSummary[]> {
  const { clock, signal } = reading;
  let nextToken: string | undefined;
  do {
    const { rooms = [], nextToken: token } = await readPage(nextToken, client, reading);
    yield rooms;
    const reachedMs = rooms.at(-1)?.updateTime?.getTime();
    if (reachedMs !== undefined && reachedMs < depthMs) return;
    nextToken = token;
    if (token !== undefined) await clock.sleep(INTERVAL_MS, signal);
  } while (nextToken !== undefined);
}

async function readPage(
  nextToken: string | undefined,
  client: IvschatClient,
  { clock, signal }: Reading,
): Promise<ListRoomsResponse> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.send(new ListRoomsCommand({ maxResults: PAGE_SIZE, nextToken }), { abortSignal: signal });
    } catch (error) {
      const isThrottled = error instanceof Error && error.name === 'ThrottlingException';
      if (!isThrottled || attempt >= MAX_ATTEMPTS_PER_PAGE) throw error;
    }
    await clock.sleep(backoffMs(attempt, BACKOFF, Math.random), signal);
  }
}
