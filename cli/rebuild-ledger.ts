import { type Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';
import { printable } from '../client/completion-line.ts';
import { printLines } from '../client/fit-line.ts';
import type { Finding } from '../client/operate/examine-room.ts';
import { rebuildLedger } from '../client/operate/rebuild-ledger.ts';
import { readReleaseStops } from '../client/operate/release/release-stops.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import { timestampMs } from '../lib/contract/timestamp.ts';
import type { CliContext } from './cli-context.ts';
import { regionOption, stageOption } from './options.ts';
import {
  examinedRoomLine,
  rebuildSummaryLines,
  stoppedReleasesText,
  unstoppedReleasesText,
} from './print/rebuild-lines.ts';

const EXAMPLES = `
Examples:
  $ greenroom rebuild-ledger --backup-time 2026-12-18T09:00:00Z --stage prod
      show what the restored ledger lacks
  $ greenroom rebuild-ledger --backup-time 2026-12-18T09:00:00Z --confirm
      rebuild the ledger

A ledger that has been restored from a backup lacks the claims that were made
after the backup. This command compares the rooms that have been created since
then with the ledger, and writes an intent for every room that the ledger lacks.
The next request with the key of such a room then gets this room instead of a
second one. The command is one step of a runbook (docs/operations.md), and the
functions must be stopped while it runs. With --confirm, it stops all releases,
because wishes to keep rooms may be lost: review the releases before you resume
them. If the command is interrupted or fails, run it again: the ledger is
complete only after the "Rebuilt …" line.
The exit code is 0 if the ledger now contains every room (without --confirm: if
it would), otherwise 1.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  backupTime: z.number(),
  confirm: z.boolean().default(false),
  json: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

export function defineCommand(command: Command, context: CliContext): void {
  command
    .requiredOption('--backup-time <time>', 'the point in time to which the ledger was restored', (text: string) =>
      pastTime(text, context.clock.nowMs()),
    )
    .option('--confirm', 'write the items, instead of only showing what would be written')
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--json', 'print one JSON object for each room that the ledger lacks, and one with the counts')
    .addHelpText('after', EXAMPLES)
    .action(async (options: unknown) => {
      if (!(await rebuild(optionsSchema.parse(options), context))) process.exitCode = 1;
    });
}

/** @returns whether the ledger contains every room or, without `confirm`, would contain it */
async function rebuild(
  { backupTime: backupMs, confirm: writes, json, ...wanted }: Options,
  { findDeployment, clock, signal, note }: CliContext,
): Promise<boolean> {
  const deployment = await findDeployment(wanted);
  const counts: Record<Finding, number> = {
    known: 0,
    missing: 0,
    behind: 0,
    undecided: 0,
    twin: 0,
    untagged: 0,
    damaged: 0,
  };
  note(`Comparing the rooms since ${new Date(backupMs).toISOString()} with the ledger of stage ${deployment.stage}.`);
  try {
    for await (const room of rebuildLedger(deployment, { backupMs, writes, clock, signal })) {
      counts[room.finding] += 1;
      if (room.finding === 'known') continue;
      if (json) console.log(JSON.stringify(room));
      else printLines([printable(examinedRoomLine(room))]);
    }
    if (json) console.log(JSON.stringify({ rebuilt: writes, ...counts }));
    else printLines(rebuildSummaryLines(counts, writes));
    const areStopped = writes || (await readReleaseStops(deployment)).length === REGIONS.length;
    note(areStopped ? stoppedReleasesText() : unstoppedReleasesText());
    return counts.twin + counts.untagged + counts.damaged === 0;
  } finally {
    deployment.close();
  }
}

function pastTime(text: string, nowMs: number): number {
  const ms = timestampMs(text);
  if (ms === undefined || ms > nowMs)
    throw new InvalidArgumentError('It must be a time in the past, such as 2026-12-18T09:00:00Z.');
  return ms;
}
