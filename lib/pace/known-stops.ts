import type { PaceItem } from './pace-item.ts';

/** The stopped jobs that one worker knows, from the responses to its own writes. It never reads the table for this. */
export interface KnownStops {
  has(job: string | undefined): boolean;
  /** Notes the stopped jobs that the response to a write contains. */
  learn(response: PaceItem): void;
}

/**
 * A stop is final and applies to all regions of the job. A worker may therefore remember a stopped job after its removal from the items, and
 * may treat a job that one region's item names as stopped in all regions.
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
