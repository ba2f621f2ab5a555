import type { Deployment } from '../client/deployment.ts';
import { printNotes } from '../client/fit-line.ts';
import { findJob } from '../client/operate/find-job.ts';
import { candidateLine } from './print/job-line.ts';

/** The help text of the argument `job`. */
export const JOB_ARGUMENT = 'the id of a bulk job, or its first 4 or more characters if unique';

/** Finds the job that a user names. If several jobs could be meant, it lists them. @throws UserError unless exactly one job is meant */
export function findNamedJob(deployment: Deployment, id: string, signal: AbortSignal): Promise<string> {
  return findJob(deployment, id, {
    signal,
    onCandidates(jobs) {
      printNotes(jobs.map((job) => candidateLine(job, id)));
    },
  });
}
