import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type ManifestNotice, noticeText } from '../../lib/bulk/manifest-notice.ts';
import { createReaderItems } from '../../lib/bulk/reader-item.ts';
import { REGIONS, type Region } from '../../lib/contract/regions.ts';
import { shortJobId } from '../../lib/contract/short-job-id.ts';
import { createPaceTable, type PaceTable } from '../../lib/pace/pace-table.ts';
import { forgetInAllRegions, MAX_STOPPED_JOBS, stopJob } from '../../lib/pace/stopped-jobs.ts';
import { type Clock, systemClock } from '../../lib/platform/clock.ts';
import { learnTimeFrom } from '../../lib/platform/learn-time.ts';
import { toMessageText } from '../../lib/platform/message-text.ts';
import { createSharedTime } from '../../lib/platform/shared-time.ts';
import { openTables } from '../../lib/platform/tables.ts';
import { isStopOver } from '../../lib/rosters/is-stop-over.ts';
import { readRoster, stopRoster } from '../../lib/rosters/roster-states.ts';
import type { ReadableRosterTable } from '../../lib/rosters/roster-table.ts';
import type { Deployment } from '../deployment.ts';

/** A region in which the stop could not be written, and the reason. */
export interface MissedRegion {
  region: Region;
  reason: string;
}

export interface Stop {
  /** When the job was first stopped, in epoch milliseconds; undefined if it had ended before. */
  stoppedAtMs: number | undefined;
  stoppedIn: Region[];
  missed: MissedRegion[];
  /** Whether the reader of the manifest continues at once. If not, it continues when its planned wait ends, after an hour at most. */
  isReaderAwake: boolean;
}

/**
 * Stops a bulk job. First writes the stop to the roster: from then on, the reader sends no further rows. Then writes it to the pace item of
 * every region, so that the workers end the rows that are already sent. Each step can be repeated safely, and one region's failure does not
 * affect the others.
 * @throws TableUnavailableError if the roster cannot be written. Nothing is stopped in this case. Also throws the signal's reason if the
 *   signal is aborted
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
  // The time of the stop is compared with those of uploads, so it must not depend on the clock of this computer.
  const time = createSharedTime(clock);
  learnTimeFrom(dynamodb, time, clock);
  const notice = await readNotice(rosters, jobId, signal);
  const roster = await stopRoster(rosters, jobId, Math.max(time.nowMs(), notice?.putAtMs ?? 0));
  const stoppedAtMs = roster?.kind === 'bulk' ? roster.stopped_at : undefined;
  if (roster === undefined || stoppedAtMs === undefined || isStopOver(roster)) {
    await forgetInAllRegions(pace, job);
    return { stoppedAtMs, stoppedIn: [], missed: [], isReaderAwake: true };
  }
  const problems = await Promise.all(REGIONS.map((region) => stopIn(region, job, pace, signal)));
  const missed = problems.flatMap((reason, index) => {
    const region = REGIONS[index];
    return reason === undefined || region === undefined ? [] : [{ region, reason }];
  });
  // If the job has ended in the meantime, the tracker may have tried to remove the stop before the stop was written here.
  const now = await readRoster(rosters, jobId);
  if (now === undefined || isStopOver(now)) await forgetInAllRegions(pace, job);
  const isReaderAwake = now?.state !== 'open' || (await wakeReader(deployment, notice, signal));
  const stoppedIn = REGIONS.filter((region) => !missed.some((each) => each.region === region));
  return { stoppedAtMs, stoppedIn, missed, isReaderAwake };
}

/** The notice that the reader has handled last. @returns undefined if it is not known. The job can be stopped without it */
async function readNotice(
  { dynamodb, tableName }: ReadableRosterTable,
  jobId: string,
  signal: AbortSignal,
): Promise<ManifestNotice | undefined> {
  try {
    return (await createReaderItems(dynamodb, tableName, 0).read(jobId))?.notice;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** @returns why the stop could not be written; undefined if it was written */
async function stopIn(region: Region, job: string, pace: PaceTable, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { written, item } = await pace.update(region, 'CreateRoom', stopJob(job));
    const others = [...(item.stopped_jobs ?? [])].sort().join(', ');
    return written ? undefined : `${MAX_STOPPED_JOBS} other stopped jobs have not ended yet: ${others}`;
  } catch (error) {
    signal.throwIfAborted();
    const { cause, message } = error instanceof Error ? error : { cause: undefined, message: String(error) };
    return cause instanceof Error ? `${cause.name}: ${cause.message}` : message;
  }
}

/** Sends the notice of the manifest again, because the reader may wait up to an hour for its next pass. @returns whether it was sent */
async function wakeReader(
  { sqs, queueUrl }: Deployment,
  notice: ManifestNotice | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (notice === undefined) return false;
  try {
    const body = toMessageText(noticeText(notice));
    await sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl('manifests'), MessageBody: body }));
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
