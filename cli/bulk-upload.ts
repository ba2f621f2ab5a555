import { createReadStream } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';
import { ROOMS_PER_SECOND } from '../client/bulk-progress.ts';
import { printable } from '../client/completion-line.ts';
import type { Deployment } from '../client/deployment.ts';
import { type BulkPlan, planBulk } from '../client/operate/plan-bulk.ts';
import { uploadManifest } from '../client/upload-manifest.ts';
import { UserError } from '../client/user-error.ts';
import { type CheckResult, checkManifest } from '../lib/bulk/check-manifest.ts';
import { ManifestError } from '../lib/bulk/manifest-error.ts';
import type { FileFormat } from '../lib/bulk/manifest-format.ts';
import { namespaceOf, type PlannedRow, planRows } from '../lib/bulk/plan-rows.ts';
import { readManifest } from '../lib/bulk/read-manifest.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import type { CliContext } from './cli-context.ts';
import { followJob } from './follow-job.ts';
import {
  defaultRegionOption,
  encodingOption,
  literalOption,
  positiveNumber,
  regionOption,
  stageOption,
} from './options.ts';
import { counted, durationText, problemLine } from './print/bulk-lines.ts';
import { formatLine } from './print/format-line.ts';
import { collectProblems } from './print/problem-tally.ts';
import { onlyWith } from './usage.ts';

/** How long to wait for the job to begin. S3 usually announces an object within seconds. */
const START_TIMEOUT_MS = 10 * 60_000;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  defaultRegion: z.enum(REGIONS).exactOptional(),
  name: z.string().exactOptional(),
  encoding: z.string().exactOptional(),
  literal: z.boolean().default(false),
  allOrNothing: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  rate: z.number(),
  json: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

/** Adds the upload, which is what `greenroom bulk FILE` runs. */
export function addBulkUploadCommand(bulk: Command, context: CliContext): Command {
  const command = bulk
    .command('upload', { isDefault: true })
    .description('create a room for each row of a file (the default)')
    .argument('<file>', 'the manifest: .csv, .ndjson, .jsonl or .json, also with .gz')
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(defaultRegionOption())
    .option('--name <name>', 'the name to use in the keys of rows without a key (default: the file name)', namespace)
    .addOption(encodingOption())
    .addOption(literalOption())
    .option('--all-or-nothing', 'request nothing if any row is invalid')
    .option('--dry-run', 'show what would happen, and upload nothing')
    .option('--rate <n>', 'the rooms per second and region that a dry run assumes', positiveNumber, ROOMS_PER_SECOND)
    .option('--json', 'print one JSON object at the end')
    .action(async (file: string, options: unknown) => {
      if (!(await upload(file, optionsSchema.parse(options), context))) process.exitCode = 1;
    });
  onlyWith(command, '--rate', '--dry-run');
  return command;
}

/** Parses a name. It may contain only characters that both S3 metadata and keys accept unchanged. */
function namespace(text: string): string {
  if (!/^[\x21-\x7e]{1,128}$/.test(text))
    throw new InvalidArgumentError('It must be 1 to 128 printable ASCII characters, without spaces.');
  return text;
}

/** @returns whether every row has a room or, for a dry run, would get one */
async function upload(file: string, options: Options, context: CliContext): Promise<boolean> {
  const { signal, clock } = context;
  const deployment = await context.findDeployment(options);
  try {
    const { format, problemLines, ...checked } = await check(file, deployment, options, signal);
    console.error(printable(formatLine(file, format, counted(checked.rows, 'row'))));
    if (checked.invalid > 0) showProblems(file, checked, problemLines, options);
    if (options.dryRun) return await dryRun(file, checked, deployment, options, context);
    if (checked.members === 0) throw new UserError('No row requests a room: nothing was uploaded');
    if (options.allOrNothing && checked.invalid > 0)
      throw new UserError('Nothing was uploaded, because of --all-or-nothing: fix the rows above');
    const { encoding } = format;
    const settings = { ...options, encoding, now: new Date(clock.nowMs()), signal };
    const jobId = await uploadManifest(deployment, file, settings);
    console.error(`Uploaded ${file} with ${counted(checked.rows, 'row')}: job ${jobId}`);
    const following = { json: options.json, signal, clock, startTimeoutMs: START_TIMEOUT_MS, invalidShown: true };
    return await followJob(deployment, jobId, following);
  } finally {
    deployment.close();
  }
}

/** The rows of the file, as the service will read them. */
function plan(
  file: string,
  deployment: Deployment,
  { name, encoding, literal }: Options,
  signal: AbortSignal,
  onFormat: (format: FileFormat) => void = () => undefined,
): AsyncGenerator<PlannedRow> {
  const defaultRegion = deployment.defaultRegion();
  const settings = { namespace: name ?? namespaceOf(file), defaultRegion };
  const readAs = { ...(encoding !== undefined && { encoding }), literal, onFormat };
  return planRows(readManifest(createReadStream(file, { signal }), file, defaultRegion, readAs), settings);
}

interface CheckedFile extends CheckResult {
  format: FileFormat;
  /** The problems of the rows as lines for people. */
  problemLines: string[];
}

/** @throws UserError with every problem of a manifest that cannot be accepted */
async function check(
  file: string,
  deployment: Deployment,
  options: Options,
  signal: AbortSignal,
): Promise<CheckedFile> {
  let format: FileFormat | undefined;
  const problems = collectProblems();
  async function* watched() {
    for await (const row of plan(file, deployment, options, signal, (found) => (format = found))) {
      if (row.kind === 'invalid') problems.add(row.row, row.problems);
      yield row;
    }
  }
  try {
    const checked = await checkManifest(watched());
    if (format === undefined) throw new Error('The manifest has rows, but its format is not known');
    return { ...checked, format, problemLines: problems.lines() };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ManifestError) {
      for (const problem of error.problems) console.error(problemLine(problem, file));
      throw new UserError(`${file} cannot be accepted, for the reasons above; nothing was uploaded`);
    }
    if (error instanceof Error && 'syscall' in error)
      throw new UserError(`Cannot read ${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

function showProblems(
  file: string,
  { rows, invalid }: CheckResult,
  problemLines: readonly string[],
  { allOrNothing }: Options,
): void {
  const consequence = allOrNothing || invalid === rows ? '' : ' and will be left out';
  console.error(
    `Of the ${counted(rows, 'row')} of ${file}, ${invalid === 1 ? 'one is' : `${invalid} are`} invalid${consequence}:`,
  );
  for (const line of problemLines) console.error(line);
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
