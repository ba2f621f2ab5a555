import type { PaceItem } from './pace-item.ts';
import type { PaceUpdate } from './pace-table.ts';

/**
 * The maximum number of stopped jobs that have not ended. Every reservation reads and writes the item, so it must stay below 1 KB, for which
 * DynamoDB charges one unit.
 */
export const MAX_STOPPED_JOBS = 16;

/** The write that stops a bulk job in a region. Its condition fails only if the item already names the maximum number of other jobs. */
export function stopJob(job: string): PaceUpdate {
  return {
    update: 'ADD stopped_jobs :jobs',
    condition: 'attribute_not_exists(stopped_jobs) OR contains(stopped_jobs, :job) OR size(stopped_jobs) < :max',
    values: { jobs: new Set([job]), job, max: MAX_STOPPED_JOBS },
  };
}

/** The write that removes a job that has ended. Its condition fails if the item does not name the job. */
export function forgetStoppedJob(job: string): PaceUpdate {
  return {
    update: 'DELETE stopped_jobs :jobs',
    condition: 'contains(stopped_jobs, :job)',
    values: { jobs: new Set([job]), job },
  };
}

/** The stopped jobs that one worker knows, from the responses to its own writes. It never reads the table for this. */
export interface KnownStops {
  has(job: string | undefined): boolean;
  /** Notes the stopped jobs that the response to a write contains. */
  learn(response: PaceItem): void;
}

/**
 * A stop is final and applies to all regions of the job. So a worker may remember a stopped job after its removal from the items, and may
 * apply what one region's item says to the other regions.
 */
export function createKnownStops(): KnownStops {
  const known = new Set<string>();
  return {
    has: (job) => job !== undefined && known.has(job),
    learn({ stopped_jobs: jobs = [] }) {
      for (const job of jobs) known.add(job);
    },
  };
}
