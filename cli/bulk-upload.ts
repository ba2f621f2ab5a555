import { type Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';
import type { Deployment } from '../client/deployment.ts';
import { ROOMS_PER_SECOND } from '../client/describe/job-words.ts';
import { printLines } from '../client/fit-line.ts';
import { fileNameOf, type ManifestFile, readManifestFile } from '../client/manifest-file.ts';
import { planBulk } from '../client/operate/plan-bulk.ts';
import { planFile, type Reading } from '../client/plan-file.ts';
import { uploadManifest } from '../client/upload-manifest.ts';
import { UserError } from '../client/user-error.ts';
import type { CheckResult } from '../lib/bulk/check-manifest.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import { checkFile, showProblems } from './check-manifest-file.ts';
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
import { counted } from './print/bulk-lines.ts';
import { formatLine } from './print/format-line.ts';
import { planLines } from './print/plan-lines.ts';
import { readChunks } from './read-file.ts';
import { onlyWith, UsageError } from './usage.ts';

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

/** Adds `bulk upload`, which `greenroom bulk FILE` runs. */
export function addBulkUploadCommand(bulk: Command, context: CliContext): Command {
  const command = bulk
    .command('upload', { isDefault: true })
    .description('create a room for each row of a file (the default)')
    .argument('<file>', 'the manifest: .csv, .ndjson, .jsonl or .json, also with .gz; - is standard input')
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
      const parsed = optionsSchema.parse(options);
      if (file === '-' && parsed.name === undefined)
        throw new UsageError('standard input has no name for the keys of rows without a key: give --name');
      if (!(await upload(file, parsed, context))) process.exitCode = 1;
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
  const deployment = await context.findDeployment(options);
  try {
    const jobId = await uploadChecked(file, options, deployment, context);
    if (typeof jobId === 'boolean') return jobId;
    const following = { ...context, json: options.json, startTimeoutMs: START_TIMEOUT_MS, invalidShown: true };
    return await followJob(deployment, jobId, following);
  } finally {
    deployment.close();
  }
}

/** @returns the id of the job; for a dry run, whether every row would get a room */
async function uploadChecked(
  file: string,
  options: Options,
  deployment: Deployment,
  context: CliContext,
): Promise<string | boolean> {
  const { signal, clock, note } = context;
  const { format, manifest, problemLines, ...checked } = await unlessInterrupted(signal, async () => {
    const { name, encoding, literal } = options;
    const manifest = await readManifestFile(file, readChunks(file, signal), name);
    const reading = {
      ...(encoding !== undefined && { encoding }),
      literal,
      defaultRegion: deployment.defaultRegion(),
      signal,
    };
    return { manifest, reading, ...(await checkFile(manifest, reading)) };
  });
  const rows = counted(checked.rows, 'row');
  note(formatLine(file, format, rows));
  if (checked.invalid > 0) showProblems(file, { ...checked, problemLines }, options.allOrNothing);
  if (options.dryRun)
    return unlessInterrupted(signal, () => dryRun({ ...checked, manifest }, deployment, options, context));
  if (checked.members === 0) throw new UserError('No row requests a room: nothing was uploaded');
  if (options.allOrNothing && checked.invalid > 0)
    throw new UserError('Nothing was uploaded, because of --all-or-nothing: fix the rows above');
  const settings = { ...options, encoding: format.encoding, now: new Date(clock.nowMs()), signal };
  const object = { fileName: fileNameOf(manifest, format.layout), content: manifest.content };
  const jobId = await uploadManifest(deployment, object, settings);
  note(`Uploaded ${file === '-' ? 'standard input' : file} with ${rows}: job ${jobId}`);
  return jobId;
}

/** @throws UserError that says that there is no job, if the user interrupts */
async function unlessInterrupted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new UserError('Interrupted: nothing was uploaded, so there is no job', { cause: error });
  }
}

interface CheckedManifest extends CheckResult {
  manifest: ManifestFile;
  reading: Reading;
}

async function dryRun(
  { problems, problemsTotal, manifest, reading, ...counts }: CheckedManifest,
  deployment: Deployment,
  options: Options,
  { signal, clock }: CliContext,
): Promise<boolean> {
  const isRefused = options.allOrNothing && counts.invalid > 0;
  async function* requestRows() {
    if (isRefused) return;
    for await (const row of planFile(manifest, reading)) if (row.kind === 'request') yield row;
  }
  const planned = await planBulk(deployment, requestRows(), options.rate, { clock, random: Math.random, signal });
  if (options.json) console.log(JSON.stringify({ ...counts, problems, problemsTotal, ...planned }));
  else if (isRefused) printLines(['Nothing would be uploaded, because of --all-or-nothing: fix the rows above.']);
  else printLines(planLines(counts.rows, planned, options.rate));
  return counts.invalid === 0 && planned.reused === 0;
}
