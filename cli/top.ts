import type { Command } from 'commander';
import * as z from 'zod';
import { printable } from '../client/completion-line.ts';
import type { Deployment } from '../client/deployment.ts';
import { bulkDepth, leftAtRates, type TimeLeft } from '../client/describe/time-left.ts';
import { explainError } from '../client/explain-error.ts';
import { fitLine, widthOf } from '../client/fit-line.ts';
import { createDrainMeter, createLoadReader } from '../client/operate/stage-load.ts';
import type { CliContext } from './cli-context.ts';
import { regionOption, stageOption } from './options.ts';
import { topJson, topLines } from './print/top-lines.ts';
import { openScreen } from './screen.ts';
import { UsageError } from './usage.ts';

const EXAMPLES = `
Examples:
  $ greenroom top --stage prod   show queues, regions and releases, every two
                                 seconds
  $ greenroom top --once         print them once, as without a terminal
  $ greenroom top --json | jq '.queues[] | select(.queue == "bulk").visible'

  visible      messages that a worker may receive now
  in flight    messages that a worker has, or that wait for their next attempt
  calls/s      the rate at which calls are reserved: those of CreateRoom, and in
               the table of releases those of DeleteRoom
  slots ahead  calls that are reserved, and not sent yet
  due          rooms that are to be released now
  later        rooms whose release is due, or will be retried, later
  overdue by   how long the oldest of the due releases has been due

A plus after a count means that there are more. SQS counts approximately, and
may take a minute to notice a change. The time until the bulk lane is empty does
not include rows of manifests that have not been sent yet: greenroom jobs.
Releases are counted every ten seconds. The command makes about 70,000 calls an
hour. They cost about a cent, or more if thousands of rooms wait for their
release.`;

const REDRAW_EVERY_MS = 2_000;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  once: z.boolean().default(false),
  json: z.boolean().default(false),
});

export function defineCommand(command: Command, context: CliContext): void {
  command
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--once', 'print the load once')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (options: unknown) => {
      const parsed = optionsSchema.parse(options);
      const isDrawn = drawsScreen(parsed);
      if (isDrawn && process.stderr.isTTY && command.optsWithGlobals().verbose === true)
        throw new UsageError(
          'the lines of --verbose would cover the screen: add --once, or redirect them with 2> FILE',
        );
      await top(parsed, context);
    });
}

/** Whether the load is redrawn on the whole screen. */
function drawsScreen({ once, json }: Pick<z.infer<typeof optionsSchema>, 'once' | 'json'>): boolean {
  return !once && !json && process.stdout.isTTY;
}

async function top({ once, json, ...wanted }: z.infer<typeof optionsSchema>, context: CliContext): Promise<void> {
  const deployment = await context.findDeployment(wanted);
  try {
    if (drawsScreen({ once, json })) await follow(deployment, context);
    else await printOnce(deployment, json, context);
  } finally {
    deployment.close();
  }
}

async function printOnce(deployment: Deployment, json: boolean, { clock }: CliContext): Promise<void> {
  const load = await createLoadReader(deployment, clock.nowMs)();
  const left = leftAtRates(load);
  if (json) console.log(JSON.stringify(topJson(deployment.stage, load, left)));
  else for (const line of topLines(load, left, widthOf(process.stdout))) console.log(line);
}

/** Redraws the load until the user ends the command. The last one stays in the terminal. */
async function follow(deployment: Deployment, { clock, signal }: CliContext): Promise<void> {
  const read = createLoadReader(deployment, clock.nowMs);
  const meter = createDrainMeter();
  const { stage, region } = deployment;
  let lines: string[] = [];
  let trouble: string[] = [];
  const screen = openScreen(process.stdin, process.stdout, () => process.kill(process.pid, 'SIGINT'));
  const ended = AbortSignal.any([signal, screen.ended]);
  try {
    while (!ended.aborted) {
      try {
        const load = await read();
        const seconds = meter.note(load.atMs, bulkDepth(load));
        const left: TimeLeft = seconds === undefined ? leftAtRates(load) : { seconds, from: 'the last minute' };
        const time = new Date(load.atMs).toISOString().slice(0, 19);
        lines = [`Stage ${stage}, ${region}, ${time}Z`, '', ...topLines(load, left, process.stdout.columns)];
        trouble = [];
      } catch (error) {
        // The user has ended the command, which cancels the calls.
        if (ended.aborted) break;
        // Nothing has been read yet: the stage does not exist, or a permission is missing.
        if (lines.length === 0) throw error;
        trouble = ['', fitLine(`not refreshed: ${printable(explainError(error))}`, process.stdout.columns)];
      }
      screen.draw([...lines, ...trouble, '', 'q: end']);
      await clock.sleep(REDRAW_EVERY_MS, ended).catch(() => undefined);
    }
  } finally {
    screen.close();
    for (const line of lines) console.log(line);
  }
}
