import type { Command } from 'commander';
import * as z from 'zod';
import { withCompletionFeed } from '../lib/client/completion-feed.ts';
import { completionLine, printable } from '../lib/client/completion-line.ts';
import { findDeployment } from '../lib/client/deployment.ts';
import { positiveInteger, regionOption, stageOption } from './options.ts';

const EXAMPLES = `
Examples:
  $ greenroom watch                                          until Ctrl-C
  $ greenroom watch --key final-2026/main-chat --count 1     until this request has its outcome
  $ greenroom watch --json | jq -r .data.room.arn            the CloudEvents, one per line

It subscribes a temporary queue to the completion topic, and removes it at the end.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  key: z.string().exactOptional(),
  count: z.number().default(Number.POSITIVE_INFINITY),
  json: z.boolean().default(false),
});

export function addWatchCommand(program: Command, signal: AbortSignal): void {
  program
    .command('watch')
    .description('print completions as they are published: one line for each outcome of a room request')
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--key <key>', 'only those of this idempotency key')
    .option('--count <n>', 'end after so many', positiveInteger)
    .option('--json', 'print the CloudEvents as NDJSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: unknown) => {
      await watch(optionsSchema.parse(options), signal);
    });
}

async function watch(options: z.infer<typeof optionsSchema>, signal: AbortSignal): Promise<void> {
  const deployment = await findDeployment(options);
  const onUnreadable = (problem: string) =>
    console.error(printable(`Skipped a message that is no completion: ${problem}`));
  try {
    await withCompletionFeed(deployment, { onUnreadable }, async (feed) => {
      console.error(`Watching the completions of stage ${deployment.stage} in ${deployment.region}; Ctrl-C ends it.`);
      let leftToPrint = options.count;
      for await (const { completion } of feed.completions(signal)) {
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
