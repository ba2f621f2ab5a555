import type { Command } from 'commander';
import * as z from 'zod';
import { type DeliveredCompletion, withCompletionFeed } from '../client/completion-feed.ts';
import { completionLine, printable } from '../client/completion-line.ts';
import { printLines, printNotes } from '../client/fit-line.ts';
import { outcomesOf } from '../client/outcomes-of-key.ts';
import { releaseLine } from '../client/release-line.ts';
import { rosterLine } from '../client/roster-line.ts';
import type { Completion } from '../lib/contract/completion.ts';
import type { ReleaseEvent } from '../lib/contract/release-event.ts';
import type { RosterEvent } from '../lib/contract/roster-event.ts';
import type { CliContext } from './cli-context.ts';
import { findNamedJob, JOB_ARGUMENT } from './find-job.ts';
import { followJob } from './follow-job.ts';
import { positiveInteger, regionOption, stageOption } from './options.ts';
import { isGiven, onlyWith, UsageError } from './usage.ts';

const EXAMPLES = `
Examples:
  $ greenroom watch                              print completions until Ctrl-C
  $ greenroom watch --key final-2026/main-chat   print the outcome of a key
  $ greenroom watch --json | jq .data.room       print the CloudEvents, one per
                                                 line
  $ greenroom watch 5f0c6c2a                     follow a bulk job until all of
                                                 its rows have an outcome

With --key, the command prints the outcome that the ledger stores, or waits for
it, and ends. A failed key may be claimed again by a request that has been sent
since: --new ignores the stored outcome. With --count, the command waits for
further outcomes of the key. Events about releases are printed too, but are not
counted.

Without a job, the command subscribes a temporary queue to the completion
topic, and removes it at the end.
The exit code is 0 if every row of the job, or the key, has a room, otherwise
1. Without a job and a key, it is 0.`;

/** How long to wait for a job that the user names by its id. Usually, the job already exists. */
const JOB_START_TIMEOUT_MS = 30_000;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  key: z.string().exactOptional(),
  new: z.boolean().default(false),
  count: z.number().exactOptional(),
  json: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

export function defineCommand(command: Command, context: CliContext): void {
  command
    .argument('[job]', JOB_ARGUMENT)
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--key <key>', 'print only the outcome of this idempotency key')
    .option('--new', 'ignore the outcome that the key already has')
    .option('--count <n>', 'end after this many completions (with --key: 1)', positiveInteger)
    .option('--json', 'print the CloudEvents as NDJSON')
    .addHelpText('after', EXAMPLES)
    .action(async (jobId: string | undefined, options: unknown) => {
      const parsed = optionsSchema.parse(options);
      for (const flag of ['--key', '--count'])
        if (jobId !== undefined && isGiven(command, flag))
          throw new UsageError(`${flag} and a job cannot be used together`);
      const isFulfilled = jobId === undefined ? await watch(parsed, context) : await watchJob(jobId, parsed, context);
      if (!isFulfilled) process.exitCode = 1;
    });
  onlyWith(command, '--new', '--key');
}

async function watchJob(id: string, options: Options, context: CliContext): Promise<boolean> {
  const { signal, clock } = context;
  const deployment = await context.findDeployment(options);
  try {
    const jobId = await findNamedJob(deployment, id, signal);
    return await followJob(deployment, jobId, {
      json: options.json,
      signal,
      clock,
      startTimeoutMs: JOB_START_TIMEOUT_MS,
      note: context.note,
      isQuiet: context.isQuiet,
    });
  } finally {
    deployment.close();
  }
}

/** @returns whether the key has a room. Without a key, nothing can be missing */
async function watch(options: Options, context: CliContext): Promise<boolean> {
  const { key, count = key === undefined ? Number.POSITIVE_INFINITY : 1 } = options;
  const deployment = await context.findDeployment(options);
  const onUnreadable = (problem: string) =>
    printNotes([printable(`Skipped a message that is not a completion: ${problem}`)]);
  const print = (event: object, line: () => string) =>
    options.json ? console.log(JSON.stringify(event)) : printLines([line()]);
  const onRosterEvent = (event: RosterEvent) => key === undefined && print(event, () => rosterLine(event));
  const onReleaseEvent = (event: ReleaseEvent) =>
    (key === undefined || event.subject === key) && print(event, () => releaseLine(event));
  try {
    return await withCompletionFeed(deployment, { onUnreadable, onRosterEvent, onReleaseEvent }, async (feed) => {
      context.note(
        `Watching the completions of stage ${deployment.stage} in ${deployment.region}. Press Ctrl-C to stop.`,
      );
      const completions = feed.completions(context.signal);
      let leftToPrint = count;
      let last: Completion | undefined;
      for await (const completion of key === undefined
        ? all(completions)
        : outcomesOf(key, completions, deployment, { onlyNew: options.new })) {
        print(completion, () => completionLine(completion));
        last = completion;
        leftToPrint -= 1;
        if (leftToPrint === 0) break;
      }
      return key === undefined || last?.data.outcome !== 'failed';
    });
  } finally {
    deployment.close();
  }
}

async function* all(delivered: AsyncIterable<DeliveredCompletion>): AsyncGenerator<Completion> {
  for await (const { completion } of delivered) yield completion;
}
