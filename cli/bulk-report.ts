import type { Command } from 'commander';
import * as z from 'zod';
import { hasEnded, readBulkProgress } from '../client/bulk-progress.ts';
import { openReport, rowsWithoutRoom } from '../client/bulk-report.ts';
import type { Deployment } from '../client/deployment.ts';
import { printNotes } from '../client/fit-line.ts';
import { openJobManifest } from '../client/operate/job-manifest.ts';
import { rowsWithReleases } from '../client/operate/release/report-releases.ts';
import { type RepairRow, repairRows } from '../client/operate/repair-rows.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import type { CliContext } from './cli-context.ts';
import { findNamedJob, JOB_ARGUMENT } from './find-job.ts';
import { defaultRegionOption, regionOption, stageOption } from './options.ts';
import { counted, progressLine } from './print/bulk-lines.ts';
import { refusalLines } from './print/refusal-lines.ts';
import { createReportTally, releasedRowLine, reportReleaseLines } from './print/report-release-lines.ts';
import { printChunks, saveChunks } from './save-output.ts';
import { onlyWith, UsageError } from './usage.ts';

const EXAMPLES = `
Examples:
  $ greenroom bulk report 5f0c6c2a                 print the report as NDJSON,
                                                   with exact values
  $ greenroom bulk report 5f0c6c2a -o report.csv   save the report as CSV, for
                                                   spreadsheets
  $ greenroom bulk report 5f0c6c2a --failed -o repair.ndjson
  $ greenroom bulk repair.ndjson                   request the rows without a
                                                   room again
  $ greenroom bulk report 5f0c6c2a --releases      also print the present state
                                                   of each room, and its
                                                   release time

With --failed, the command reads the rows without a room from the manifest of
the job, and writes them as NDJSON. Every row has its key, so greenroom creates
no second room, whatever the new file is called. Repair invalid rows before you
upload the file: if a row has the members "problems" or "cells", it is refused
until you delete them.

The report itself does not change after the end of the job. With --releases, the
command reads the present facts from the ledger, adds them to each row as the
member "release", and prints how many rooms have a release time. The states are
those of greenroom release.
The exit code is 1 if the job has not ended or was refused.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  defaultRegion: z.enum(REGIONS).exactOptional(),
  failed: z.boolean().default(false),
  csv: z.boolean().default(false),
  releases: z.boolean().default(false),
  json: z.boolean().default(false),
  output: z.string().exactOptional(),
});

type Options = z.infer<typeof optionsSchema>;

/** Adds `bulk report`. */
export function addBulkReportCommand(bulk: Command, context: CliContext): void {
  const command = bulk
    .command('report')
    .description('print the report of a job that has ended, or its rows without a room')
    .argument('<job>', JOB_ARGUMENT)
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(defaultRegionOption())
    .option('--failed', 'print the rows without a room as a manifest that can be uploaded again')
    .option('--csv', 'print CSV instead of NDJSON (default if FILE ends in .csv)')
    .option('--releases', 'add the present state and release time of each room')
    .option('--json', 'with --releases: print only the totals, as one JSON object')
    .option('-o, --output <file>', 'save to this file, which must not exist (-: print)')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: unknown) => {
      const parsed = withFormat(optionsSchema.parse(options));
      const deployment = await context.findDeployment(parsed);
      try {
        const jobId = await findNamedJob(deployment, id, context.signal);
        await requireReport(deployment, jobId);
        await printerOf(parsed)(deployment, jobId, parsed, context);
      } finally {
        deployment.close();
      }
    });
  onlyWith(command, '--default-region', '--failed');
  onlyWith(command, '--json', '--releases');
}

function printerOf({ failed, releases }: Options) {
  if (failed) return repair;
  return releases ? reportReleases : report;
}

/** @throws UsageError for rows as CSV: keys with line breaks, and objects such as metadata, have no exact form there */
function withFormat({ output, ...options }: Options): Options {
  const csv = options.csv || output?.toLowerCase().endsWith('.csv') === true;
  if (csv && options.failed) throw new UsageError('--failed writes NDJSON, not CSV: name a file such as repair.ndjson');
  if (csv && options.releases)
    throw new UsageError('--releases writes NDJSON, not CSV: name a file such as rooms.ndjson');
  if (options.failed && options.releases)
    throw new UsageError('--failed prints the rows without a room, and --releases all rows: use one of them');
  if (options.json && output !== undefined) throw new UsageError('--json prints only the totals: omit --output');
  // As in other commands, and in the input of `greenroom bulk`, the name - means a standard stream.
  return { ...options, csv, ...(output !== undefined && output !== '-' && { output }) };
}

/** @throws UserError unless the job has a report */
async function requireReport(deployment: Deployment, jobId: string): Promise<void> {
  const progress = await readBulkProgress(deployment, jobId);
  if (progress === undefined)
    throw new UserError(`${jobId} is a live event, not a bulk job: ${typed('events')} shows its state`);
  if (progress.state === 'waiting')
    throw new UserError(`There is no bulk job ${jobId} in this stage: see ${typed('jobs')}`);
  if (!hasEnded(progress))
    throw new UserError(`The job has not ended: ${progressLine(progress, undefined, undefined)}`);
  if (progress.state !== 'refused') return;
  printNotes(refusalLines(progress));
  throw new UserError('The job was refused for the reasons above, so it has no report');
}

async function report(deployment: Deployment, jobId: string, { csv, output }: Options, { signal, note }: CliContext) {
  const chunks = await openReport(deployment, jobId, csv ? 'csv' : 'ndjson', signal);
  if (output === undefined) return printChunks(chunks, signal);
  await saveChunks(output, chunks, signal);
  note(`Saved the report to ${output}.`);
}

/** Prints the rows of the report with their releases; with `json`, only the totals. */
async function reportReleases(
  deployment: Deployment,
  jobId: string,
  { json, output }: Options,
  { clock, signal, note }: CliContext,
): Promise<void> {
  const { totals, note: count } = createReportTally();
  async function* lines(): AsyncGenerator<string> {
    for await (const row of rowsWithReleases(deployment, jobId, { clock, random: Math.random, signal })) {
      count(row);
      if (!json) yield releasedRowLine(row);
    }
  }
  await (output === undefined ? printChunks(lines(), signal) : saveChunks(output, lines(), signal));
  if (json) console.log(JSON.stringify({ jobId, ...totals }));
  else for (const line of reportReleaseLines(totals)) note(line);
}

async function repair(
  deployment: Deployment,
  jobId: string,
  { output }: Options,
  { signal, note }: CliContext,
): Promise<void> {
  const counts = { failed: 0, stopped: 0, invalid: 0 };
  const manifest = await openJobManifest(deployment, jobId, signal);
  const job = { jobId, defaultRegion: deployment.defaultRegion() };
  const rows = lines(repairRows(rowsWithoutRoom(deployment, jobId, signal), manifest, job), counts);
  await (output === undefined ? printChunks(rows, signal) : saveChunks(output, rows, signal));
  const { failed, stopped, invalid } = counts;
  const ended = stopped > 0 ? `, ${counted(stopped, 'stopped row')}` : '';
  const found = `${counted(failed, 'failed row')}${ended} and ${counted(invalid, 'invalid row')}`;
  if (failed + stopped + invalid === 0) note('Every row has a room.');
  else if (output === undefined) note(`Printed ${found}.`);
  else {
    note(`Saved ${found} to ${output}. After you have repaired them:`);
    note(`  ${typed(`bulk ${output}`)}`);
  }
}

async function* lines(
  rows: AsyncIterable<RepairRow>,
  counts: Record<RepairRow['outcome'], number>,
): AsyncGenerator<string> {
  for await (const { outcome, value } of rows) {
    counts[outcome] += 1;
    yield `${JSON.stringify(value)}\n`;
  }
}
