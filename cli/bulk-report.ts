import type { Command } from 'commander';
import * as z from 'zod';
import { hasEnded, readBulkProgress } from '../client/bulk-progress.ts';
import { openReport } from '../client/bulk-report.ts';
import type { Deployment } from '../client/deployment.ts';
import { UserError } from '../client/user-error.ts';
import type { CliContext } from './cli-context.ts';
import { findNamedJob, JOB_ARGUMENT } from './find-job.ts';
import { regionOption, stageOption } from './options.ts';
import { progressLine } from './print/bulk-lines.ts';
import { refusalLines } from './print/refusal-lines.ts';

const EXAMPLES = `
Examples:
  $ greenroom bulk report 5f0c6c2a        print the report as NDJSON, with exact
                                          values
  $ greenroom bulk report 5f0c6c2a --csv  print the report as CSV, for
                                          spreadsheets

The report exists when every row of the job has an outcome.
The exit code is 1 if the job has not ended or was refused.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  csv: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

/** Adds `bulk report`. */
export function addBulkReportCommand(bulk: Command, context: CliContext): void {
  bulk
    .command('report')
    .description('print the report of a job that has ended')
    .argument('<job>', JOB_ARGUMENT)
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--csv', 'print CSV instead of NDJSON')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: unknown) => {
      const parsed = optionsSchema.parse(options);
      const deployment = await context.findDeployment(parsed);
      try {
        const jobId = await findNamedJob(deployment, id, context.signal);
        await report(deployment, jobId, parsed, context.signal);
      } finally {
        deployment.close();
      }
    });
}

async function report(deployment: Deployment, jobId: string, { csv }: Options, signal: AbortSignal): Promise<void> {
  await requireReport(deployment, jobId);
  for await (const chunk of await openReport(deployment, jobId, csv ? 'csv' : 'ndjson', signal))
    process.stdout.write(chunk);
}

/** @throws UserError unless the job has a report */
async function requireReport(deployment: Deployment, jobId: string): Promise<void> {
  const progress = await readBulkProgress(deployment, jobId);
  if (progress === undefined)
    throw new UserError(`${jobId} is a live event, not a bulk job: greenroom events shows its state`);
  if (progress.state === 'waiting') throw new UserError(`There is no bulk job ${jobId} here: see greenroom jobs`);
  if (!hasEnded(progress))
    throw new UserError(`The job has not ended: ${progressLine(progress, undefined, { bar: false })}`);
  if (progress.state !== 'refused') return;
  for (const line of refusalLines(progress)) console.error(line);
  throw new UserError('The job was refused, for the reasons above, so it has no report');
}
