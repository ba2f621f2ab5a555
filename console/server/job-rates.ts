import { type BulkProgress, createRateMeter, hasEnded } from '../../client/bulk-progress.ts';

/** Measures the rates at which jobs get their rooms, from the readings of all tabs. */
export interface JobRates {
  /** @returns the rooms per second of a job; undefined if this is not known yet, or if the job has ended */
  note(progress: BulkProgress, atMs: number): number | undefined;
}

export function createJobRates(): JobRates {
  const meters = new Map<string, ReturnType<typeof createRateMeter>>();
  return {
    note(progress, atMs) {
      const { jobId, provisioned, failed } = progress;
      if (hasEnded(progress)) {
        meters.delete(jobId);
        return undefined;
      }
      const meter = meters.get(jobId) ?? createRateMeter();
      meters.set(jobId, meter);
      return meter.note(atMs, provisioned + failed);
    },
  };
}
