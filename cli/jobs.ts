import type { Command } from 'commander';
import * as z from 'zod';
import type { Deployment } from '../client/deployment.ts';
import { printNotes, widthOf } from '../client/fit-line.ts';
import { listJobs } from '../client/operate/job-list.ts';
import type { CliContext } from './cli-context.ts';
import { positiveInteger, regionOption, stageOption } from './options.ts';
import { JOBS_HEADER, jobJson, jobLine } from './print/job-line.ts';
import { MAY_BE_BEHIND } from './print/may-be-behind.ts';

const EXAMPLES = `
Examples:
  $ greenroom jobs                           list the newest jobs
  $ greenroom jobs --all --json > jobs.ndjson   save all jobs
  $ greenroom watch 5f0c6c2a                 follow one of them
  $ greenroom bulk report 5f0c6c2a           print the report of one of them

States:
  reading   the manifest is being checked, or its rows are being requested
  running   all rows are requested, and some have no outcome yet
  ended     every row has an outcome, and there is a report
  refused   the manifest was refused: greenroom watch JOB shows why
  stopped   greenroom bulk stop has ended the job, or is ending it

DONE counts the requested rows that have a room or have FAILED. Rows that are
INVALID are never requested. The rows that a stop has ended, and those that
repeat an earlier row, are in none of these counts, but after the name of the
file. With --json, the states are the same, "failed" includes the stopped rows,
and "stopped" is their number.

A job appears when greenroom has begun to read its manifest. It disappears
GREENROOM_ROSTER_RETENTION_DAYS after its end.
A job ends before its rooms are released, and a release does not belong to a
job. To see the present state of the rooms: greenroom bulk report JOB
--releases. To see all releases that wait: greenroom top.
The exit code is 1 if the time limit ended the list.`;

/** How many jobs are listed without --all. */
const NEWEST = 50;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  all: z.boolean().default(false),
  json: z.boolean().default(false),
  timeout: z.number(),
});

type Options = z.infer<typeof optionsSchema>;

export function defineCommand(command: Command, context: CliContext): void {
  command
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--all', `list all jobs, and not only the newest ${NEWEST}`)
    .option('--timeout <seconds>', 'stop listing jobs after this time', positiveInteger, 60)
    .option('--json', 'print the jobs as NDJSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: unknown) => {
      const parsed = optionsSchema.parse(options);
      const deployment = await context.findDeployment(parsed);
      try {
        if (!(await jobs(deployment, parsed, context))) process.exitCode = 1;
      } finally {
        deployment.close();
      }
    });
}

/** Prints jobs as they are read, so that the use of memory does not depend on their number. @returns whether the time was enough */
async function jobs(
  deployment: Deployment,
  { all, json, timeout }: Options,
  { signal, clock, note }: CliContext,
): Promise<boolean> {
  const untilMs = clock.nowMs() + timeout * 1_000;
  const max = all ? Number.POSITIVE_INFINITY : NEWEST;
  const width = widthOf(process.stdout);
  let listed = 0;
  for await (const page of listJobs(deployment, { clock, random: Math.random, signal })) {
    signal.throwIfAborted();
    for (const job of page) {
      if (listed === max) {
        note(`Only the newest ${NEWEST} jobs are listed: --all lists all.`);
        return true;
      }
      if (listed === 0 && !json) console.log(JOBS_HEADER);
      console.log(json ? JSON.stringify(jobJson(job)) : jobLine(job, width));
      listed += 1;
    }
    const last = page.at(-1);
    if (last === undefined || clock.nowMs() < untilMs) continue;
    const began = new Date(last.beganAtMs).toISOString();
    printNotes([
      `Stopped after ${timeout} s: jobs that began before ${began} are not listed. Allow more time with --timeout.`,
    ]);
    return false;
  }
  if (listed === 0) note(`No bulk jobs in stage ${deployment.stage}. ${MAY_BE_BEHIND}`);
  return true;
}
