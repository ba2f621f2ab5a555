import { readRoster } from '../../lib/rosters/roster-states.ts';
import type { Deployment } from '../deployment.ts';
import { typed } from '../typed-command.ts';
import { UserError } from '../user-error.ts';
import { type JobId, jobIds } from './job-list.ts';

const ID_START = /^[0-9a-f]{4,63}$/i;
const FULL_ID = /^[0-9a-f]{64}$/i;
/** The maximum number of jobs that are listed if the beginning of an id is ambiguous. */
const MAX_CANDIDATES = 10;

/**
 * Finds a bulk job by its id, or by the first 4 or more characters of its id. A complete id is not looked up, because its job may not have
 * begun yet.
 * @param onCandidates receives the newest matching jobs if the beginning of an id is ambiguous
 * @throws UserError if no job has this id, if several jobs could be meant, or if the id is that of a live event
 */
export async function findJob(
  deployment: Pick<Deployment, 'dynamodb' | 'rosterTable' | 'stage'>,
  id: string,
  { signal, onCandidates }: { signal: AbortSignal; onCandidates: (jobs: readonly JobId[]) => void },
): Promise<string> {
  if (FULL_ID.test(id)) return id.toLowerCase();
  if (!ID_START.test(id)) return refuse(deployment, id);
  const idStart = id.toLowerCase();
  const matching: JobId[] = [];
  let count = 0;
  for await (const page of jobIds(deployment, undefined, signal))
    for (const job of page) {
      if (!job.jobId.startsWith(idStart)) continue;
      count += 1;
      if (matching.length < MAX_CANDIDATES) matching.push(job);
    }
  const [found] = matching;
  if (found === undefined)
    throw new UserError(
      `No bulk job of stage ${deployment.stage} has an id that begins with ${idStart}: see ${typed('jobs')}`,
    );
  if (count === 1) return found.jobId;
  onCandidates(matching);
  throw new UserError(`The ids of ${count} jobs begin with ${idStart}: give more characters`);
}

async function refuse(
  { dynamodb, rosterTable: tableName }: Pick<Deployment, 'dynamodb' | 'rosterTable'>,
  id: string,
): Promise<never> {
  const roster = await readRoster({ dynamodb, tableName }, id);
  if (roster?.kind === 'live-event')
    throw new UserError(`${id} is a live event, not a bulk job: ${typed('events')} shows its state`);
  throw new UserError(`${id} is not the id of a bulk job, or its first 4 or more characters: see ${typed('jobs')}`);
}
