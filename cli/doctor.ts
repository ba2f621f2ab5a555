import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import * as z from 'zod';
import { printable } from '../client/completion-line.ts';
import type { Deployment } from '../client/deployment.ts';
import { printLines } from '../client/fit-line.ts';
import { type RequestedRooms, requestedByMessages, requestedByRows } from '../client/operate/doctor/requested-rooms.ts';
import { runDoctor } from '../client/operate/doctor/run-doctor.ts';
import { readRequestLines } from '../client/request-lines.ts';
import { UserError } from '../client/user-error.ts';
import type { FileFormat } from '../lib/bulk/manifest-format.ts';
import { namespaceOf, planRows } from '../lib/bulk/plan-rows.ts';
import { readManifest } from '../lib/bulk/read-manifest.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import type { CliContext } from './cli-context.ts';
import { defaultRegionOption, encodingOption, literalOption, regionOption, stageOption } from './options.ts';
import { counted } from './print/bulk-lines.ts';
import { countObservations, doctorJson, doctorLines } from './print/doctor-lines.ts';
import { formatLine } from './print/format-line.ts';
import { nameOfFile, readChunks } from './read-file.ts';
import { onlyWith, UsageError } from './usage.ts';

const EXAMPLES = `
Examples:
  $ greenroom doctor --stage prod                examine a deployed stage
  $ greenroom doctor --request requests.ndjson   also examine the review
                                                 handlers and logging
                                                 configurations of these rooms
  $ greenroom doctor --manifest rooms.csv --strict   the same for the rooms of a
                                                     manifest; also fail if
                                                     there are warnings
  $ greenroom doctor --json | jq '.checks[].findings[]'
      print only the findings

The command changes nothing. Each finding has a name and a remedy;
docs/operations.md explains them. If a permission is missing, or the embedded
stack lacks a service, the check is shown as "not checked" with the reason.
The exit code is 0 if there is no error, otherwise 1. With --strict, it is also
1 if there is a warning, or if anything was not checked.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  defaultRegion: z.enum(REGIONS).exactOptional(),
  request: z.string().exactOptional(),
  manifest: z.string().exactOptional(),
  encoding: z.string().exactOptional(),
  literal: z.boolean().default(false),
  strict: z.boolean().default(false),
  json: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

export function defineCommand(command: Command, context: CliContext): void {
  command
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(defaultRegionOption())
    .option(
      '--request <file>',
      'also examine the resources that these requests name (NDJSON or JSON; - is standard input)',
    )
    .option('--manifest <file>', 'also examine the resources that this manifest names (.csv, .ndjson, .jsonl or .json)')
    .addOption(encodingOption())
    .addOption(literalOption())
    .option('--strict', 'also fail if there are warnings, or if anything was not checked')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (options: unknown) => {
      if (!(await doctor(optionsSchema.parse(options), context))) process.exitCode = 1;
    });
  onlyWith(command, '--encoding', '--request', '--manifest');
  onlyWith(command, '--literal', '--manifest');
}

/** @returns whether the stage is healthy */
async function doctor(options: Options, context: CliContext): Promise<boolean> {
  if (options.request !== undefined && options.manifest !== undefined)
    throw new UsageError('Name a file with --request or with --manifest, not with both');
  const deployment = await context.findDeployment(options);
  try {
    const nowMs = context.clock.nowMs();
    const requested = await readRequested(options, deployment, nowMs, context);
    const report = await runDoctor(deployment, { nowMs, ...(requested && { requested }) });
    const { errors, warnings, notChecked } = countObservations(report);
    const isHealthy = errors === 0 && !(options.strict && warnings + notChecked > 0);
    if (options.json) console.log(JSON.stringify(doctorJson(report, isHealthy)));
    else printLines(doctorLines(report).map(printable));
    return isHealthy;
  } finally {
    deployment.close();
  }
}

async function readRequested(
  { request, manifest, encoding, literal }: Options,
  deployment: Deployment,
  nowMs: number,
  { signal, note }: CliContext,
): Promise<RequestedRooms | undefined> {
  const region = deployment.defaultRegion();
  if (request !== undefined) {
    const { onFormat, count, show } = watchFormat(request, 'message', note);
    const from = { name: nameOfFile(request), encoding, onFormat };
    const lines = readRequestLines(readChunks(request, signal), () => new Date(nowMs), from);
    const requested = await requestedByMessages(count(lines), { region, nowMs });
    show();
    return requested;
  }
  if (manifest === undefined) return undefined;
  const { onFormat, count, show } = watchFormat(manifest, 'row', note);
  const settings = { namespace: namespaceOf(manifest), defaultRegion: region };
  const readAs = { ...(encoding !== undefined && { encoding }), literal, onFormat };
  const chunks = readManifest(createReadStream(manifest, { signal }), manifest, region, readAs);
  try {
    const requested = await requestedByRows(count(planRows(chunks, settings)));
    show();
    return requested;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && 'syscall' in error)
      throw new UserError(`Cannot read ${manifest}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Notes the format of a file and counts its items, for the line that states both. */
function watchFormat(file: string, thing: string, note: CliContext['note']) {
  let format: FileFormat | undefined;
  let items = 0;
  return {
    onFormat: (found: FileFormat) => {
      format = found;
    },
    async *count<T>(all: AsyncIterable<T>): AsyncGenerator<T> {
      for await (const each of all) {
        items += 1;
        yield each;
      }
    },
    show: () => {
      if (format !== undefined) note(formatLine(file, format, counted(items, thing)));
    },
  };
}
