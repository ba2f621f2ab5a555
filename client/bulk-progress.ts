import { createReaderItems } from '../lib/bulk/reader-item.ts';
import type { RosterMeta } from '../lib/rosters/roster-item.ts';
import { readRoster } from '../lib/rosters/roster-states.ts';
import type { Deployment } from './deployment.ts';

/** IVS Chat's quota of CreateRoom, per account and region; it cannot be raised. */
export const ROOMS_PER_SECOND = 5;

/** How far a bulk job is. Counts that are not known yet are absent. */
export interface BulkProgress {
  jobId: string;
  /** `waiting`: nobody has begun to read the manifest, or there is no such job. */
  state: RosterMeta['state'] | 'waiting';
  rows?: number;
  /** Rows that were read and asked for: the first so many, or of some regions more than of others. */
  read: number;
  invalid?: number;
  repeated?: number;
  /** Rooms that are wanted. */
  members?: number;
  provisioned: number;
  /** How many of these rooms were there before. */
  existing: number;
  failed: number;
  /** Why the manifest was refused. */
  problems: { path: string; message: string }[];
  problemsTotal: number;
}

/** Reads how far a bulk job is. `undefined`: the id is that of a live event. */
export async function readBulkProgress(deployment: Deployment, jobId: string): Promise<BulkProgress | undefined> {
  const { dynamodb, rosterTable: tableName } = deployment;
  const [meta, reader] = await Promise.all([
    readRoster({ dynamodb, tableName }, jobId),
    createReaderItems(dynamodb, tableName, 0).read(jobId),
  ]);
  if (meta?.kind === 'live-event') return undefined;
  const { checked, done = 0, handled = done } = reader ?? {};
  const isSealed = meta !== undefined && meta.state !== 'open' && meta.state !== 'refused';
  return {
    jobId,
    state: meta?.state ?? 'waiting',
    read: handled,
    ...(checked && { ...checked }),
    ...(isSealed && {
      rows: meta.rows,
      invalid: meta.invalid_rows,
      repeated: meta.repeated_rows,
      members: meta.members,
    }),
    provisioned: meta?.provisioned ?? 0,
    existing: meta?.existing ?? 0,
    failed: meta?.failed ?? 0,
    problems: meta?.problems ?? [],
    problemsTotal: meta?.problems_total ?? 0,
  };
}

/** Whether nothing about the job will change any more. */
export function isOver({ state }: BulkProgress): boolean {
  return state === 'announced' || state === 'refused';
}

/** Whether every row of the job has a room. */
export function isWhole({ state, rows, invalid, members, provisioned }: BulkProgress): boolean {
  return state === 'announced' && rows !== undefined && invalid === 0 && provisioned === members;
}

const RATE_WINDOW_MS = 30_000;

/** Rooms per second of late, from looks at the counters. */
export function createRateMeter() {
  const looks: { atMs: number; done: number }[] = [];
  return {
    /** @returns the rate since half a minute ago or the first look, once there is anything to tell */
    note(atMs: number, done: number): number | undefined {
      looks.push({ atMs, done });
      while (looks.length > 2 && (looks[1]?.atMs ?? atMs) <= atMs - RATE_WINDOW_MS) looks.shift();
      const [first] = looks;
      if (!first || atMs - first.atMs < 2_000 || done === first.done) return undefined;
      return ((done - first.done) * 1000) / (atMs - first.atMs);
    },
  };
}
