import { createReadStream } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';
import { ROOMS_PER_SECOND } from '../client/bulk-progress.ts';
import type { Deployment } from '../client/deployment.ts';
import { type BulkPlan, planBulk } from '../client/operate/plan-bulk.ts';
import { uploadManifest } from '../client/upload-manifest.ts';
import { UserError } from '../client/user-error.ts';
import { type CheckResult, checkManifest } from '../lib/bulk/check-manifest.ts';
import { ManifestError } from '../lib/bulk/manifest-error.ts';
import { namespaceOf, type PlannedRow, planRows } from '../lib/bulk/plan-rows.ts';
import { readManifest } from '../lib/bulk/read-manifest.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import type { CliContext } from './cli-context.ts';
import { followJob } from './follow-job.ts';
import { defaultRegionOption, positiveNumber, regionOption, stageOption } from './options.ts';
import { counted, durationText, problemLine } from './print/bulk-lines.ts';

const EXAMPLES = `
Examples:
  $ greenroom bulk events/samples/rooms.csv        request a room for each valid row, and wait for all outcomes
  $ greenroom bulk rooms.csv --dry-run             show what would happen, and how long it would take
  $ greenroom bulk rooms.ndjson --all-or-nothing   request nothing if any row is invalid
  $ greenroom bulk rooms.csv --json | jq .report   print one JSON object at the end

The manifest is a CSV file with a header row, NDJSON or a JSON array (docs/bulk.md). If you upload the same rows again, no second
room is created. Ctrl-C does not end the job; to follow it again: greenroom watch JOB.
The exit code is 0 if every row has a room, otherwise 1.`;

const MAX_PROBLEMS_SHOWN = 20;
/** How long to wait for the job to begin. S3 usually announces an object within seconds. */
const START_TIMEOUT_MS = 10 * 60_000;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  defaultRegion: z.enum(REGIONS).exactOptional(),
  name: z.string().exactOptional(),
  allOrNothing: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  rate: z.number(),
  json: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

export function addBulkCommand(program: Command, context: CliContext): void {
  program
    .command('bulk')
    .description('create a room for each row of a file')
    .argument('<file>', 'the manifest: .csv, .ndjson, .jsonl or .json')
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(defaultRegionOption())
    .option('--name <name>', 'the name to use in the keys of rows without a key (default: the file name)', namespace)
    .option('--all-or-nothing', 'request nothing if any row is invalid')
    .option('--dry-run', 'show what would happen, and upload nothing')
    .option('--rate <n>', 'the rooms per second and region that a dry run assumes', positiveNumber, ROOMS_PER_SECOND)
    .option('--json', 'print one JSON object at the end')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: unknown) => {
      if (!(await bulk(file, optionsSchema.parse(options), context))) process.exitCode = 1;
    });
}

/** Parses a name. It may contain only characters that both S3 metadata and keys accept unchanged. */
function namespace(text: string): string {
  if (!/^[\x21-\x7e]{1,128}$/.test(text))
    throw new InvalidArgumentError('It must be 1 to 128 printable ASCII characters, without spaces.');
  return text;
}

/** @returns whether every row has a room or, for a dry run, would get one */
async function bulk(file: string, options: Options, context: CliContext): Promise<boolean> {
  const { signal, clock } = context;
  const deployment = await context.findDeployment(options);
  try {
    const checked = await check(file, deployment, options, signal);
    if (checked.invalid > 0) showProblems(file, checked, options);
    if (options.dryRun) return await dryRun(file, checked, deployment, options, context);
    if (checked.members === 0) throw new UserError('No row requests a room: nothing was uploaded');
    if (options.allOrNothing && checked.invalid > 0)
      throw new UserError('Nothing was uploaded, because of --all-or-nothing: fix the rows above');
    const jobId = await uploadManifest(deployment, file, { ...options, now: new Date(clock.nowMs()), signal });
    console.error(`Uploaded ${file} with ${counted(checked.rows, 'row')}: job ${jobId}`);
    const settings = { json: options.json, signal, clock, startTimeoutMs: START_TIMEOUT_MS, invalidShown: true };
    return await followJob(deployment, jobId, settings);
  } finally {
    deployment.close();
  }
}

/** The rows of the file, as the service will read them. */
function plan(
  file: string,
  deployment: Deployment,
  { name }: Options,
  signal: AbortSignal,
): AsyncGenerator<PlannedRow> {
  const defaultRegion = deployment.defaultRegion();
  const settings = { namespace: name ?? namespaceOf(file), defaultRegion };
  return planRows(readManifest(createReadStream(file, { signal }), file, defaultRegion), settings);
}

/** @throws UserError with every problem of a manifest that cannot be accepted */
async function check(
  file: string,
  deployment: Deployment,
  options: Options,
  signal: AbortSignal,
): Promise<CheckResult> {
  try {
    return await checkManifest(plan(file, deployment, options, signal));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ManifestError) {
      for (const problem of error.problems) console.error(problemLine(problem));
      throw new UserError(`${file} cannot be accepted, for the reasons above; nothing was uploaded`);
    }
    if (error instanceof Error && 'syscall' in error)
      throw new UserError(`Cannot read ${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

function showProblems(
  file: string,
  { rows, invalid, problems, problemsTotal }: CheckResult,
  { allOrNothing }: Options,
): void {
  const consequence = allOrNothing || invalid === rows ? '' : ' and will be left out';
  console.error(
    `Of the ${counted(rows, 'row')} of ${file}, ${invalid === 1 ? 'one is' : `${invalid} are`} invalid${consequence}:`,
  );
  for (const problem of problems.slice(0, MAX_PROBLEMS_SHOWN)) console.error(problemLine(problem));
  const left = problemsTotal - Math.min(problems.length, MAX_PROBLEMS_SHOWN);
  if (left > 0) console.error(`  and ${left} more`);
}

async function dryRun(
  file: string,
  { problems, problemsTotal, ...counts }: CheckResult,
  deployment: Deployment,
  options: Options,
  { signal, clock }: CliContext,
): Promise<boolean> {
  async function* requests() {
    for await (const row of plan(file, deployment, options, signal)) if (row.kind === 'request') yield row.request;
  }
  const planned = await planBulk(deployment, requests(), options.rate, { clock, random: Math.random, signal });
  if (options.json) console.log(JSON.stringify({ ...counts, problems, problemsTotal, ...planned }));
  else for (const line of planLines(counts.rows, planned, options.rate)) console.log(line);
  return counts.invalid === 0 && planned.reused === 0;
}

function planLines(rows: number, { toMake, existing, reused, seconds }: BulkPlan, rate: number): string[] {
  const total = Object.values(toMake).reduce((sum, count) => sum + count, 0);
  const where = Object.entries(toMake).map(([region, count]) => `${count} in ${region}`);
  return [
    `Nothing was uploaded. The ${counted(rows, 'row')} would`,
    `  create ${counted(total, 'room')}${where.length > 0 ? `: ${where.join(', ')}` : ''}`,
    `  find ${counted(existing, 'existing room')}`,
    ...(reused > 0 ? [`  fail for ${counted(reused, 'key')} already used for another room`] : []),
    ...(total > 0
      ? [
          `  take about ${durationText(seconds)}, at ${counted(rate, 'room')} a second in each region, if nothing else uses the quota`,
        ]
      : []),
  ];
}
