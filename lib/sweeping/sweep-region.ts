import { ListRoomsCommand, type ListRoomsResponse } from '@aws-sdk/client-ivschat';
import type { Region } from '../contract/regions.ts';
import { type BackoffPolicy, backoffMs } from '../platform/backoff.ts';
import type { RoomVerdict } from './judge-room.ts';
import { NoCallError, type NoCallReason } from './sweep-pace.ts';
import type { ListPosition } from './sweep-position.ts';
import { type Deletion, deleteExtraRoom, inspectRoom, type Sweep, toOwnRoom } from './sweep-room.ts';

export interface RegionSummary {
  region: Region;
  /** `complete`: the list was read to its end. */
  ended: 'complete' | NoCallReason | 'failed';
  /** The name of the error that ended the sweep of the region. */
  error?: string;
  /** How many rooms were listed, including those without the deployment's tags. */
  listed: number;
  /** Rooms with the tags of this deployment. */
  verdicts: Record<RoomVerdict, number>;
  /** The results for extra rooms. All are 0 if the sweep only reports. */
  deletions: Record<Deletion, number>;
}

const PAGE_SIZE = 50;
// A region with 50,000 rooms takes 1,000 calls. One failed call should not end the sweep of the region.
const MAX_ATTEMPTS_PER_PAGE = 3;
const BACKOFF: BackoffPolicy = { baseMs: 1_000, capMs: 5_000 };

export interface SweptRegion {
  summary: RegionSummary;
  /** Where the next sweep can continue, if this one reached its deadline before the end of the list. */
  continueAt?: ListPosition | undefined;
  /** How many rooms the region has, if its list was read from the top to the end, by this sweep or by several. */
  roomCount?: number | undefined;
}

/**
 * The position up to which the list of a region was read. `listed`: how many rooms were listed before that position; undefined if the
 * number is not known.
 */
interface Progress {
  token: string | undefined;
  listed: number | undefined;
}

/**
 * Sweeps one region, page by page. Never throws, because a region that fails must not prevent the sweep of the other regions.
 * @param from where the last sweep stopped, if it stopped in this region. If IVS Chat rejects the token, the list is read from the top, and
 *   the next sweep begins with another region. Otherwise the sweeps might never leave this region.
 */
export async function sweepRegion(region: Region, sweep: Sweep, from?: ListPosition): Promise<SweptRegion> {
  const summary: RegionSummary = {
    region,
    ended: 'complete',
    listed: 0,
    verdicts: { owned: 0, overdue: 0, survivor: 0, undecided: 0, extra: 0, unknown: 0 },
    deletions: { deleted: 0, gone: 0, tooYoung: 0, failed: 0 },
  };
  const progress: Progress = { token: from?.token, listed: from === undefined ? 0 : from.listed };
  try {
    await sweepPages(summary, sweep, progress);
    return { summary, roomCount: progress.listed };
  } catch (error) {
    if (from !== undefined && summary.listed === 0 && isRefused(error)) {
      const { continueAt: _, ...swept } = await sweepRegion(region, sweep);
      return swept;
    }
    return endedEarly(error, summary, sweep, progress);
  }
}

function endedEarly(error: unknown, summary: RegionSummary, sweep: Sweep, { token, listed }: Progress): SweptRegion {
  const reason = error instanceof NoCallError ? error.reason : undefined;
  if (reason === 'deadline' || (reason === undefined && sweep.signal.aborted)) {
    const continueAt = token === undefined ? undefined : { token, ...(listed !== undefined && { listed }) };
    return { summary: { ...summary, ended: 'deadline' }, continueAt };
  }
  if (reason) return { summary: { ...summary, ended: reason } };
  return { summary: { ...summary, ended: 'failed', error: error instanceof Error ? error.name : 'unknown' } };
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException';
}

/** Adds its counts to the summary page by page, so that they are available no matter how the sweep ends. */
async function sweepPages(summary: RegionSummary, sweep: Sweep, progress: Progress): Promise<void> {
  const { region, verdicts, deletions } = summary;
  const { config } = sweep.services;
  do {
    const page = await listPage(region, progress.token, sweep);
    const rooms = page.rooms ?? [];
    summary.listed += rooms.length;
    // Reading one item after the other is fast enough for one page a second, and leaves no read running when one fails.
    for (const room of rooms.flatMap((each) => toOwnRoom(each, region, config) ?? [])) {
      const verdict = await inspectRoom(room, sweep);
      verdicts[verdict] += 1;
      if (verdict === 'extra' && config.sweep.deletes) deletions[await deleteExtraRoom(room, sweep)] += 1;
    }
    progress.token = page.nextToken;
    if (progress.listed !== undefined) progress.listed += rooms.length;
  } while (progress.token);
}

async function listPage(region: Region, nextToken: string | undefined, sweep: Sweep): Promise<ListRoomsResponse> {
  const { services, awaitCall, signal } = sweep;
  for (let attempt = 1; ; attempt++) {
    await awaitCall({ region, api: 'ListRooms' });
    try {
      const command = new ListRoomsCommand({ maxResults: PAGE_SIZE, nextToken });
      return await services.clients.ivsChat(region).send(command, { abortSignal: signal });
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS_PER_PAGE || signal.aborted || isRefused(error)) throw error;
    }
    await services.clock.sleep(backoffMs(attempt, BACKOFF, services.random), signal);
  }
}
