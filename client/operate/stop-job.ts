import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { noticeText } from '../../lib/bulk/manifest-notice.ts';
import { createReaderItems } from '../../lib/bulk/reader-item.ts';
import { REGIONS, type Region } from '../../lib/contract/regions.ts';
import { shortJobId } from '../../lib/contract/short-job-id.ts';
import { createPaceTable, type PaceTable } from '../../lib/pace/pace-table.ts';
import { forgetInAllRegions, MAX_STOPPED_JOBS, stopJob } from '../../lib/pace/stopped-jobs.ts';
import { type Clock, systemClock } from '../../lib/platform/clock.ts';
import { toMessageText } from '../../lib/platform/message-text.ts';
import { openTables } from '../../lib/platform/tables.ts';
import type { RosterMeta } from '../../lib/rosters/roster-item.ts';
import { readRoster, stopRoster } from '../../lib/rosters/roster-states.ts';
import type { Deployment } from '../deployment.ts';

/** A region in which the stop could not be written, and why. */
export interface MissedRegion {
  region: Region;
  reason: string;
}

export interface Stop {
  /** When the job was first stopped, in epoch milliseconds; undefined if it had ended before. */
  stoppedAtMs: number | undefined;
  stoppedIn: Region[];
  missed: MissedRegion[];
  /** Whether the reader of the manifest continues at once. Otherwise it continues when its planned wait ends, after an hour at most. */
  isReaderAwake: boolean;
}

/**
 * Stops a bulk job. The roster comes first: from then on, the reader sends no further rows. Then the workers of every region are told, so
 * that they end the rows that are already sent. Each step can be repeated safely, and one region's failure does not affect the others.
 * @throws TableUnavailableError if the roster cannot be written. Nothing is stopped then. The signal's reason if it is aborted
 */
export async function stopBulkJob(
  deployment: Deployment,
  jobId: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Stop> {
  const { dynamodb, rosterTable: tableName, paceTable } = deployment;
  const rosters = { dynamodb, tableName };
  const pace = createPaceTable(openTables(dynamodb, systemClock), paceTable);
  const job = shortJobId(jobId) ?? jobId;
  const roster = await stopRoster(rosters, jobId, clock.nowMs());
  const stoppedAtMs = roster?.kind === 'bulk' ? roster.stopped_at : undefined;
  if (roster === undefined || hasReport(roster) || stoppedAtMs === undefined) {
    await forgetInAllRegions(pace, job);
    return { stoppedAtMs, stoppedIn: [], missed: [], isReaderAwake: true };
  }
  const problems = await Promise.all(REGIONS.map((region) => stopIn(region, job, pace, signal)));
  const missed = problems.flatMap((reason, index) => {
    const region = REGIONS[index];
    return reason === undefined || region === undefined ? [] : [{ region, reason }];
  });
  // If the job has ended meanwhile, the tracker may have removed it before it was written here.
  const now = await readRoster(rosters, jobId);
  if (now === undefined || hasReport(now)) await forgetInAllRegions(pace, job);
  const isReaderAwake = now?.state !== 'open' || (await wakeReader(deployment, jobId, signal));
  const stoppedIn = REGIONS.filter((region) => !missed.some((each) => each.region === region));
  return { stoppedAtMs, stoppedIn, missed, isReaderAwake };
}

function hasReport({ state }: RosterMeta): boolean {
  return state === 'reported' || state === 'announced' || state === 'refused';
}

/** @returns why the stop could not be written; undefined if it was */
async function stopIn(region: Region, job: string, pace: PaceTable, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { written } = await pace.update(region, 'CreateRoom', stopJob(job));
    return written ? undefined : `${MAX_STOPPED_JOBS} other stopped jobs have not ended yet`;
  } catch (error) {
    signal.throwIfAborted();
    const { cause, message } = error instanceof Error ? error : { cause: undefined, message: String(error) };
    return cause instanceof Error ? `${cause.name}: ${cause.message}` : message;
  }
}

/** Sends the notice of the manifest again, because the reader may wait up to an hour for its next pass. @returns whether it was sent */
async function wakeReader(
  { dynamodb, rosterTable, sqs, queueUrl }: Deployment,
  jobId: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { notice } = (await createReaderItems(dynamodb, rosterTable, 0).read(jobId)) ?? {};
    if (notice === undefined) return false;
    const body = toMessageText(noticeText(notice));
    await sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl('manifests'), MessageBody: body }));
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
