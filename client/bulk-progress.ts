import { createReaderItems, type ReaderItem } from '../lib/bulk/reader-item.ts';
import type { RosterMeta } from '../lib/rosters/roster-item.ts';
import { readRoster } from '../lib/rosters/roster-states.ts';
import type { Deployment } from './deployment.ts';

/** The progress of a bulk job. Counts that are not known yet are absent. */
export interface BulkProgress {
  jobId: string;
  /** `waiting`: no reader has begun to read the manifest, or the job does not exist. */
  state: RosterMeta['state'] | 'waiting';
  /** The name of the manifest's file: the last part of its address. */
  file?: string;
  rows?: number;
  /** The number of rows that were read and requested. They need not be the first rows, because each region has its own progress. */
  read: number;
  invalid?: number;
  repeated?: number;
  /** The number of rooms that the job requests, or that a refused job had requested. */
  members?: number;
  provisioned: number;
  /** How many of these rooms existed before the job. */
  existing: number;
  /** How many have failed, including those that failed because the job was stopped. */
  failed: number;
  /** How many of these failed because the job was stopped. */
  stopped: number;
  /** When an operator stopped the job, as an ISO 8601 time. */
  stoppedAt?: string;
  /** Why the manifest was refused. */
  problems: { path: string; message: string }[];
  problemsTotal: number;
}

/** Reads the progress of a bulk job. @returns undefined if the id is that of a live event */
export async function readBulkProgress(deployment: Deployment, jobId: string): Promise<BulkProgress | undefined> {
  const { dynamodb, rosterTable: tableName } = deployment;
  const [meta, reader] = await Promise.all([
    readRoster({ dynamodb, tableName }, jobId),
    createReaderItems(dynamodb, tableName, 0).read(jobId),
  ]);
  return meta?.kind === 'live-event' ? undefined : progressOf(jobId, meta, reader);
}

/** Computes the progress of a job from its items. */
export function progressOf(
  jobId: string,
  meta: Extract<RosterMeta, { kind: 'bulk' }> | undefined,
  reader: ReaderItem | undefined,
): BulkProgress {
  const { checked, done = 0, handled = done } = reader ?? {};
  const isSealed = meta !== undefined && meta.state !== 'open' && meta.state !== 'refused';
  return {
    jobId,
    state: meta?.state ?? 'waiting',
    ...(meta && { file: fileOf(meta.bulk.manifest) }),
    read: handled,
    ...(checked && { ...checked }),
    ...(meta?.state === 'refused' && { members: meta.members }),
    ...(isSealed && {
      rows: meta.rows,
      invalid: meta.invalid_rows,
      repeated: meta.repeated_rows,
      members: meta.members,
    }),
    provisioned: meta?.provisioned ?? 0,
    existing: meta?.existing ?? 0,
    failed: meta?.failed ?? 0,
    stopped: meta?.stopped ?? 0,
    ...(meta?.stopped_at !== undefined && { stoppedAt: new Date(meta.stopped_at).toISOString() }),
    problems: meta?.problems ?? [],
    problemsTotal: meta?.problems_total ?? 0,
  };
}

function fileOf(manifest: string): string {
  return manifest.split('/').at(-1) ?? manifest;
}

/** Whether the job has ended. */
export function hasEnded({ state }: BulkProgress): boolean {
  return state === 'announced' || state === 'refused';
}

/** How many requested rows of a refused job have no outcome yet. */
export function openRows({ members = 0, provisioned, failed }: BulkProgress): number {
  return Math.max(0, members - provisioned - failed);
}

/** Whether every row of the job has a room. */
export function hasEveryRoom({ state, rows, invalid, members, provisioned }: BulkProgress): boolean {
  return state === 'announced' && rows !== undefined && invalid === 0 && provisioned === members;
}

const RATE_WINDOW_MS = 30_000;

/** Measures the recent number of rooms per second from readings of the counters. */
export function createRateMeter() {
  const readings: { atMs: number; done: number }[] = [];
  return {
    /** @returns the rate over the last half minute, or since the first reading if that is later; undefined if it is not known yet */
    note(atMs: number, done: number): number | undefined {
      readings.push({ atMs, done });
      while (readings.length > 2 && (readings[1]?.atMs ?? atMs) <= atMs - RATE_WINDOW_MS) readings.shift();
      const [first] = readings;
      if (!first || atMs - first.atMs < 2_000 || done === first.done) return undefined;
      return ((done - first.done) * 1000) / (atMs - first.atMs);
    },
  };
}
