import type { Command } from 'commander';
import * as z from 'zod';
import { type BulkProgress, hasEnded, openRows, readBulkProgress } from '../client/bulk-progress.ts';
import type { Deployment } from '../client/deployment.ts';
import { jobState } from '../client/describe/job-words.ts';
import { printNotes } from '../client/fit-line.ts';
import { type Stop, stopBulkJob } from '../client/operate/stop-job.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import { readLiveEventItem } from '../lib/live-events/read-live-event-item.ts';
import { readRoster } from '../lib/rosters/roster-states.ts';
import type { CliContext } from './cli-context.ts';
import { requireConsent, yesOption } from './confirm.ts';
import { findNamedJob, JOB_ARGUMENT } from './find-job.ts';
import { followJob } from './follow-job.ts';
import { regionOption, stageOption } from './options.ts';
import { missedLines, questionOf, stoppedLines } from './print/stop-lines.ts';

const EXAMPLES = `
Examples:
  $ greenroom bulk stop 5f0c6c2a            ask for confirmation, stop the job,
                                            and follow it to its end
  $ greenroom bulk stop 5f0c6c2a --yes --no-wait   return as soon as it is
                                                   stopped

greenroom creates no further rooms for the job. The rows without a room fail
with the reason \`stopped\`, and the job ends with its report. Existing rooms are
not deleted. A stop cannot be undone. To request the other rooms later, upload
the file again: rows that have a room keep it.
The exit code is 0 if the job is stopped or had ended before. It is 1 if it is
not stopped in every region: then run the command again.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  yes: z.boolean().default(false),
  wait: z.boolean(),
  json: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

/** Adds `bulk stop`. */
export function addBulkStopCommand(bulk: Command, context: CliContext): void {
  bulk
    .command('stop')
    .description('create no further rooms for a job, and end it with its report')
    .argument('<job>', JOB_ARGUMENT)
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(yesOption())
    .option('--no-wait', 'return as soon as the job is stopped')
    .option('--json', 'print one JSON object at the end')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: unknown) => {
      if (!(await stop(id, optionsSchema.parse(options), context))) process.exitCode = 1;
    });
}

/** @returns whether the job is stopped or has ended */
async function stop(id: string, options: Options, context: CliContext): Promise<boolean> {
  const mayStop = requireConsent(options, context);
  const deployment = await context.findDeployment(options);
  try {
    await refuseLiveEvent(deployment, id);
    const jobId = await findNamedJob(deployment, id, context.signal);
    const before = await readJob(deployment, jobId);
    if (!isOver(before) && before.stoppedAt === undefined && !(await mayStop(questionOf(before)))) return false;
    const stopped = await stopBulkJob(deployment, jobId, context);
    return await showStop(deployment, { before, stopped }, options, context);
  } finally {
    deployment.close();
  }
}

/** A live event has its own command. @throws UserError if the id is that of a live event, or of its roster */
async function refuseLiveEvent({ dynamodb, rosterTable: tableName }: Deployment, id: string): Promise<void> {
  const rosters = { dynamodb, tableName };
  const roster = await readRoster(rosters, id);
  const { live_event_id: liveEventId } = (await readLiveEventItem(id, { rosters })) ?? {};
  const found = roster?.kind === 'live-event' ? roster.live_event.liveEventId : liveEventId;
  if (found !== undefined)
    throw new UserError(`${id} is a live event, not a bulk job. To cancel it: ${typed(`cancel ${found}`)}`);
}

/** Whether nothing of the job is left to stop. Rows that a refused job had requested may still get rooms. */
function isOver(job: BulkProgress): boolean {
  return job.state === 'refused' ? openRows(job) === 0 : hasEnded(job);
}

async function readJob(deployment: Deployment, jobId: string): Promise<BulkProgress> {
  const progress = await readBulkProgress(deployment, jobId);
  if (progress === undefined || progress.state === 'waiting')
    throw new UserError(`There is no bulk job ${jobId} in this stage, or its manifest has not been read yet`);
  return progress;
}

/** @returns whether the job is stopped or has ended */
async function showStop(
  deployment: Deployment,
  { before, stopped }: { before: BulkProgress; stopped: Stop },
  { json, wait }: Options,
  context: CliContext,
): Promise<boolean> {
  const { jobId } = before;
  const isDone = stopped.missed.length === 0;
  for (const line of stoppedLines(before, stopped)) context.note(line);
  printNotes(missedLines(jobId, stopped));
  const isOver = stopped.stoppedIn.length === 0 && isDone;
  if (isDone && wait && !isOver) {
    const afterInterruption = 'the job is stopped, and ends without this command';
    await followJob(deployment, jobId, { ...context, json, startTimeoutMs: 0, afterInterruption });
    return true;
  }
  if (json) console.log(JSON.stringify(jsonOf(await readJob(deployment, jobId), stopped)));
  return isDone;
}

function jsonOf({ problems: _, problemsTotal: __, ...progress }: BulkProgress, { stoppedIn, missed }: Stop): object {
  return { ...progress, state: jobState(progress), stoppedIn, notStoppedIn: missed };
}
