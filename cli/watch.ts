import type { Command } from 'commander';
import * as z from 'zod';
import { withCompletionFeed } from '../client/completion-feed.ts';
import { completionLine, printable } from '../client/completion-line.ts';
import type { RosterEvent } from '../lib/contract/roster-event.ts';
import type { CliContext } from './cli-context.ts';
import { findNamedJob, JOB_ARGUMENT } from './find-job.ts';
import { followJob } from './follow-job.ts';
import { positiveInteger, regionOption, stageOption } from './options.ts';
import { rosterLine } from './print/bulk-lines.ts';

const EXAMPLES = `
Examples:
  $ greenroom watch                                        print completions until Ctrl-C
  $ greenroom watch --key final-2026/main-chat --count 1   wait until a request has its outcome
  $ greenroom watch --json | jq -r .data.room.arn          print the CloudEvents, one per line
  $ greenroom watch 5f0c6c2a                               follow a bulk job until all of its rows have an outcome

Without a job, the command subscribes a temporary queue to the completion topic, and removes it at the end.
For a job, the exit code is 0 if every row has a room, otherwise 1.`;

/** How long to wait for a job that the user names by its id. Usually it exists already. */
const JOB_START_TIMEOUT_MS = 30_000;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  key: z.string().exactOptional(),
  count: z.number().default(Number.POSITIVE_INFINITY),
  json: z.boolean().default(false),
});

export function defineCommand(command: Command, context: CliContext): void {
  command
    .argument('[job]', JOB_ARGUMENT)
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--key <key>', 'only the completions of this idempotency key')
    .option('--count <n>', 'end after this many completions', positiveInteger)
    .option('--json', 'print the CloudEvents as NDJSON')
    .addHelpText('after', EXAMPLES)
    .action(async (jobId: string | undefined, options: unknown) => {
      const parsed = optionsSchema.parse(options);
      if (jobId === undefined) await watch(parsed, context);
      else if (!(await watchJob(jobId, parsed, context))) process.exitCode = 1;
    });
}

async function watchJob(id: string, options: z.infer<typeof optionsSchema>, context: CliContext): Promise<boolean> {
  const { signal, clock } = context;
  const deployment = await context.findDeployment(options);
  try {
    const jobId = await findNamedJob(deployment, id, signal);
    return await followJob(deployment, jobId, {
      json: options.json,
      signal,
      clock,
      startTimeoutMs: JOB_START_TIMEOUT_MS,
    });
  } finally {
    deployment.close();
  }
}

async function watch(options: z.infer<typeof optionsSchema>, context: CliContext): Promise<void> {
  const deployment = await context.findDeployment(options);
  const onUnreadable = (problem: string) =>
    console.error(printable(`Skipped a message that is not a completion: ${problem}`));
  const onRosterEvent = (event: RosterEvent) =>
    options.key === undefined && console.log(options.json ? JSON.stringify(event) : rosterLine(event));
  try {
    await withCompletionFeed(deployment, { onUnreadable, onRosterEvent }, async (feed) => {
      console.error(
        `Watching the completions of stage ${deployment.stage} in ${deployment.region}. Press Ctrl-C to stop.`,
      );
      let leftToPrint = options.count;
      for await (const { completion } of feed.completions(context.signal)) {
        if (options.key !== undefined && completion.subject !== options.key) continue;
        console.log(options.json ? JSON.stringify(completion) : completionLine(completion));
        leftToPrint -= 1;
        if (leftToPrint === 0) return;
      }
    });
  } finally {
    deployment.close();
  }
}
