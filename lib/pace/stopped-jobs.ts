import { REGIONS } from '../contract/regions.ts';
import type { PaceTable, PaceUpdate } from './pace-table.ts';

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

/** Removes a job that has ended from all regions. It can be repeated safely. @throws TableUnavailableError */
export async function forgetInAllRegions(table: PaceTable, job: string): Promise<void> {
  await Promise.all(REGIONS.map((region) => table.update(region, 'CreateRoom', forgetStoppedJob(job))));
}
