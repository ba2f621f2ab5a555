import {
  type BulkProgress,
  createRateMeter,
  hasEnded,
  hasEveryRoom,
  readBulkProgress,
} from '../client/bulk-progress.ts';
import { rowsWithoutRoom } from '../client/bulk-report.ts';
import type { Deployment } from '../client/deployment.ts';
import { jobState } from '../client/describe/job-words.ts';
import { printNotes } from '../client/fit-line.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import { reportAddresses } from '../lib/rosters/report.ts';
import type { CliContext } from './cli-context.ts';
import { progressLine, summaryLine } from './print/bulk-lines.ts';
import { groupRows } from './print/problem-tally.ts';
import { refusalLines } from './print/refusal-lines.ts';
import { openProgress } from './progress.ts';

const POLL_EVERY_MS = 1_000;

export interface FollowSettings extends Pick<CliContext, 'signal' | 'clock' | 'note' | 'isQuiet'> {
  /** Whether to print only one JSON object on standard output, at the end. */
  json: boolean;
  /** How long to wait for a job that does not exist yet, before the command fails. */
  startTimeoutMs: number;
  /** Whether the user has already seen which rows are invalid. */
  invalidShown?: boolean;
  /** What happens to the job if the user interrupts. Default: it continues */
  afterInterruption?: string;
}

/**
 * Shows the progress of a bulk job until it ends, and then its result.
 * @returns whether every row has a room
 * @throws UserError if the job does not exist, the id is that of a live event, or the user interrupts. An interruption does not end the job
 */
export async function followJob(deployment: Deployment, jobId: string, settings: FollowSettings): Promise<boolean> {
  const progress = await untilOver(deployment, jobId, settings);
  if (progress.state === 'refused') printNotes([`Job ${jobId} was refused:`, ...refusalLines(progress)]);
  else await showResult(deployment, progress, settings);
  if (settings.json) console.log(JSON.stringify(await jsonOf(deployment, progress)));
  return hasEveryRoom(progress);
}

async function untilOver(
  deployment: Deployment,
  jobId: string,
  { signal, startTimeoutMs, afterInterruption = 'the job continues', ...context }: FollowSettings,
): Promise<BulkProgress> {
  const { clock } = context;
  const display = openProgress(context);
  const meter = createRateMeter();
  const startedAtMs = clock.nowMs();
  try {
    for (;;) {
      const progress = await readBulkProgress(deployment, jobId);
      if (progress === undefined)
        throw new UserError(`${jobId} is a live event, not a bulk job: ${typed('events')} shows its state`);
      if (hasEnded(progress)) return progress;
      if (progress.state === 'waiting' && clock.nowMs() - startedAtMs > startTimeoutMs)
        throw new UserError(`There is no bulk job ${jobId} in this stage, or its manifest has not been read yet`);
      const rate = meter.note(clock.nowMs(), progress.provisioned + progress.failed);
      display.show((width) => progressLine(progress, rate, width));
      await clock.sleep(POLL_EVERY_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new UserError(`Interrupted: ${afterInterruption}. To follow it again: ${typed(`watch ${jobId}`)}`);
  } finally {
    display.end();
  }
}

async function showResult(deployment: Deployment, progress: BulkProgress, settings: FollowSettings): Promise<void> {
  await showRowsWithoutRoom(deployment, progress, settings);
  printNotes([summaryLine(progress)]);
  const { csv } = reportAddresses(progress.jobId, await deployment.manifestBucket());
  printNotes([`Report: ${csv} (and .ndjson)`]);
}

async function showRowsWithoutRoom(
  deployment: Deployment,
  { jobId, failed, invalid = 0 }: BulkProgress,
  { invalidShown = false, signal }: FollowSettings,
): Promise<void> {
  if (failed + (invalidShown ? 0 : invalid) === 0) return;
  const groups = groupRows();
  for await (const { row, key, outcome, reason = '' } of rowsWithoutRoom(deployment, jobId, signal)) {
    if (!invalidShown || outcome !== 'invalid') groups.add(row, reason, key);
  }
  printNotes(groups.lines());
}

async function jsonOf(deployment: Deployment, progress: BulkProgress): Promise<object> {
  const { problems, problemsTotal, ...rest } = progress;
  const state = jobState(progress);
  if (progress.state === 'refused') return { ...progress, state };
  return { ...rest, state, report: reportAddresses(progress.jobId, await deployment.manifestBucket()) };
}
