import type { Region } from '../contract/regions.ts';
import type { DueKey } from './due-index.ts';
import { createDueRooms, type DueRooms } from './due-rooms.ts';
import { type ReleaseResult, releaseRoom } from './release-room.ts';
import { NoSlotError, type ReleaseRun } from './release-run.ts';

export interface RegionReleases {
  region: Region;
  /**
   * Why the releases of the region ended. `done`: no more rooms are due. `deadline`: the invocation is about to end. `stopped`: an operator has
   * stopped releases. `no-slot`: other calls use the quota. `denied`: DeleteRoom or GetRoom was denied for several rooms in a row. `failed`: see
   * `error`.
   */
  ended: 'done' | 'deadline' | 'stopped' | 'no-slot' | 'denied' | 'failed';
  /** The name of the error that ended the releases of the region. */
  error?: string;
  released: number;
  delayed: number;
  denied: number;
  notOurs: number;
  /** How long the oldest unfinished release has been overdue, in milliseconds; 0 if there is none. */
  overdueMs: number;
}

/**
 * How many releases of a region are under way at the same time. Each release waits for the answers to six calls and for two slots, so a single
 * one cannot use five slots a second.
 */
const WORKERS = 10;
// This many denials in a row show that the permission is missing. Fewer denials could concern single rooms whose tags were changed.
const DENIED_IN_A_ROW = 3;

/** Releases the due rooms of one region. Never throws, because a region that fails must not end the releases of the other regions. */
export async function releaseRegion(region: Region, run: ReleaseRun): Promise<RegionReleases> {
  const summary: RegionReleases = {
    region,
    ended: 'done',
    released: 0,
    delayed: 0,
    denied: 0,
    notOurs: 0,
    overdueMs: 0,
  };
  const due = createDueRooms(region, run);
  const state = { summary, deniedInARow: 0, isOver: false, isNoteDue: false, notedAtMs: 0 };
  await Promise.all(Array.from({ length: WORKERS }, () => releaseNext(due, state, run)));
  if (state.isNoteDue) await tellWaitingRequests(state, run).catch((error: unknown) => end(error, summary, run));
  noteOverdue(due.left(), summary, run);
  return summary;
}

interface RegionState {
  summary: RegionReleases;
  deniedInARow: number;
  isOver: boolean;
  /** Whether rooms have been released since `noteFreed` was last called. */
  isNoteDue: boolean;
  /** When `noteFreed` was last called, in epoch milliseconds; 0 if it was not called yet. */
  notedAtMs: number;
}

/** greenroom tries a region without free room quota again at most this often, so a note for each room would be useless. */
const NOTE_EVERY_MS = 10_000;

/** Releases one room after the other until none is due, or until the releases of the region end for another reason. */
async function releaseNext(due: DueRooms, state: RegionState, run: ReleaseRun): Promise<void> {
  let key: DueKey | undefined;
  try {
    while (!state.isOver && !run.signal.aborted) {
      key = await due.next();
      if (key === undefined) return;
      count(await releaseRoom(key, run), state);
      if (state.isNoteDue && run.services.clock.nowMs() - state.notedAtMs >= NOTE_EVERY_MS)
        await tellWaitingRequests(state, run);
    }
  } catch (error) {
    state.isOver = true;
    noteOverdue(key ? [key] : [], state.summary, run);
    end(error, state.summary, run);
  }
}

/** Permits a request that waits for the region's room quota to try again. */
async function tellWaitingRequests(state: RegionState, { services }: ReleaseRun): Promise<void> {
  state.isNoteDue = false;
  state.notedAtMs = services.clock.nowMs();
  await services.noteFreed(state.summary.region);
}

function count(result: ReleaseResult, state: RegionState): void {
  const { summary } = state;
  if (result.kind === 'not-ours') summary.notOurs += 1;
  if (result.kind === 'released') {
    summary.released += 1;
    state.deniedInARow = 0;
    state.isNoteDue = true;
  }
  if (result.kind !== 'delayed') return;
  summary.delayed += 1;
  summary.overdueMs = Math.max(summary.overdueMs, result.overdueMs);
  if (result.delay === 'denied') countDenial(state);
}

function countDenial(state: RegionState): void {
  state.summary.denied += 1;
  state.deniedInARow += 1;
  if (state.deniedInARow < DENIED_IN_A_ROW) return;
  state.summary.ended = 'denied';
  state.isOver = true;
}

function end(error: unknown, summary: RegionReleases, { signal }: ReleaseRun): void {
  if (summary.ended !== 'done') return;
  if (signal.aborted) summary.ended = 'deadline';
  else if (error instanceof NoSlotError) summary.ended = error.reason === 'stopped' ? 'stopped' : 'no-slot';
  else Object.assign(summary, { ended: 'failed', error: error instanceof Error ? error.name : 'unknown' });
}

/** Rooms that are due, but were not released in this invocation, are overdue too. */
function noteOverdue(keys: readonly DueKey[], summary: RegionReleases, { services }: ReleaseRun): void {
  const nowMs = services.clock.nowMs();
  summary.overdueMs = Math.max(summary.overdueMs, ...keys.map(({ lookAtMs }) => nowMs - lookAtMs));
}
