import type { RowCounts } from '../../client/api/import-result.ts';
import type { BulkProgress } from '../../client/bulk-progress.ts';
import type { BulkPlan } from '../../client/operate/plan-bulk.ts';
import type { Stop } from '../../client/operate/stop-job.ts';
import type { Problem } from '../../lib/contract/problems.ts';

/** The rate at which a job gets its rooms. Absent if it is not known yet, or if the job has ended. */
interface JobRate {
  /** Rooms per second over the last half minute in which the console has read the job. */
  rate?: number;
}

export interface ListedJobView extends BulkProgress, JobRate {
  beganAtMs: number;
}

/** The newest jobs, newest first. */
export interface JobsAnswer {
  jobs: ListedJobView[];
  /** Whether there are older jobs. */
  hasMore: boolean;
}

export interface JobAnswer extends JobRate {
  progress: BulkProgress;
  /** Whether the job has a report, which contains its failures. */
  hasReport: boolean;
  /** Whether the job can be stopped. */
  canStop: boolean;
}

/** Rows of a job without a room that have the same reason. */
export interface FailureGroup {
  /** The reason in the completion, such as `refused`. For rows that were never requested, `invalid`. */
  reason: string;
  rows: number;
  /** The first of these rows, with their full reasons. */
  examples: { row: number; key?: string; text: string }[];
}

export interface FailuresAnswer {
  rows: number;
  /** The most frequent reason comes first. */
  groups: FailureGroup[];
}

export type StopAnswer = Stop;

/** The effects that a manifest would have. Nothing was uploaded. */
export type ManifestCheckAnswer =
  | { kind: 'invalid'; problems: Problem[]; problemsTotal: number }
  | ({ kind: 'checked'; plan: BulkPlan } & RowCounts);

export type ManifestUploadAnswer =
  | { kind: 'invalid'; problems: Problem[]; problemsTotal: number }
  | ({ kind: 'uploaded'; jobId: string } & RowCounts);
