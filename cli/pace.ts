import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { printLines } from '../client/fit-line.ts';
import {
  changePaces,
  DOCUMENTED_CALLS_PER_SECOND,
  type RegionPace,
  readPaces,
  readQueueDepths,
} from '../client/operate/region-pace.ts';
import { readReleaseStops } from '../client/operate/release/release-stops.ts';
import { LANES, type Lane } from '../lib/contract/lanes.ts';
import { REGIONS, type Region } from '../lib/contract/regions.ts';
import { pause, resume, setCeiling } from '../lib/pace/operator-settings.ts';
import type { PaceUpdate } from '../lib/pace/pace-table.ts';
import type { CliContext } from './cli-context.ts';
import { positiveNumber, regionOption, stageOption, timeSpanMs } from './options.ts';
import { depthLines, paceJson, paceLines } from './print/pace-lines.ts';
import { releaseStopJson, stoppedLines } from './print/release-stop-lines.ts';
import { UsageError } from './usage.ts';

const EXAMPLES = `
Examples:
  $ greenroom pace                            show the rate, next slot and
                                              breaker of every region, and the
                                              queues
  $ greenroom pace pause eu-west-1 --lane bulk --for 30m
      send no calls for imports in this region for half an hour
  $ greenroom pace resume eu-west-1           end the pause
  $ greenroom pace rate 3 eu-west-1           send at most three calls a second,
                                              by all workers together
  $ greenroom pace rate 1 --all --lane bulk   send at most one call a second for
                                              imports in each region
  $ greenroom pace rate default --all         restore the deployed rate; the
                                              limits of single lanes remain
  $ greenroom pace rate default --all --lane bulk   remove the limit for imports

All workers apply a change at their next reservation. Calls that already have a
slot are still sent, for up to three seconds. Paused requests wait in their
queue, and expire at their neededBy as usual. After a pause, they return within
a third of its duration, and within an hour at most. The settings affect only
CreateRoom: greenroom still looks for the rooms of calls whose response was
lost, and releases rooms. To stop releases: greenroom release --stop.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  json: z.boolean().default(false),
  all: z.boolean().default(false),
  lane: z.enum(LANES).exactOptional(),
  for: z.number().exactOptional(),
});

type Options = z.infer<typeof optionsSchema>;

const MAX_CALLS_PER_SECOND = 100;

export function defineCommand(command: Command, context: CliContext): void {
  command.addHelpText('after', EXAMPLES);
  command
    .command('show', { isDefault: true })
    .description('show the rate, next slot, breaker and settings of every region, and the queues')
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--json', 'print one JSON object')
    .action((options: unknown) => show(optionsSchema.parse(options), context));
  addChange(command, 'pause', 'stop CreateRoom calls')
    .option('--for <time>', 'resume after this time, such as 30m, 2h or 1d (default: until `resume`)', timeSpanMs)
    .action((regions: Region[], options: unknown) => {
      const { for: forMs, ...parsed } = optionsSchema.parse(options);
      return change(regions, parsed, context, (nowMs) =>
        pause(lanesOf(parsed), forMs === undefined ? undefined : nowMs + forMs),
      );
    });
  addChange(command, 'resume', 'end a pause').action((regions: Region[], options: unknown) => {
    const parsed = optionsSchema.parse(options);
    return change(regions, parsed, context, () => resume(lanesOf(parsed)));
  });
  addChange(
    command,
    'rate',
    'set the maximum rate',
    new Argument('<calls>', 'calls a second, or `default`').argParser(rate),
  ).action((calls: number | 'default', regions: Region[], options: unknown) => {
    const parsed = optionsSchema.parse(options);
    const ceiling = calls === 'default' ? undefined : calls;
    if (ceiling !== undefined && ceiling > DOCUMENTED_CALLS_PER_SECOND)
      context.note(`Note: IVS Chat's documented quota is ${DOCUMENTED_CALLS_PER_SECOND} calls a second per region.`);
    return change(regions, parsed, context, (nowMs) => setCeiling(parsed.lane, ceiling, nowMs));
  });
}

function addChange(parent: Command, name: string, description: string, first?: Argument): Command {
  const command = parent.command(name).description(`${description} in regions, for one lane or both`);
  if (first) command.addArgument(first);
  return command
    .addArgument(new Argument('[regions...]', 'the regions to change').choices([...REGIONS]))
    .option('--all', 'change all regions')
    .addOption(new Option('--lane <lane>', 'only for this lane').choices([...LANES]))
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--json', 'print one JSON object per region');
}

async function show({ json, ...options }: Options, context: CliContext): Promise<void> {
  const deployment = await context.findDeployment(options);
  try {
    const [paces, depths, stops] = await Promise.all([
      readPaces(deployment),
      readQueueDepths(deployment),
      readReleaseStops(deployment),
    ]);
    const nowMs = context.clock.nowMs();
    if (json) {
      const regions = paces.map((pace) => paceJson(pace, nowMs));
      const stoppedReleases = stops.map(releaseStopJson);
      console.log(JSON.stringify({ stage: deployment.stage, regions, queues: depths, stoppedReleases }));
    } else printLines([...paceLines(paces, nowMs), '', ...depthLines(depths), ...stoppedLines(stops)]);
  } finally {
    deployment.close();
  }
}

async function change(
  regions: readonly Region[],
  { json, all, ...options }: Options,
  context: CliContext,
  update: (nowMs: number) => PaceUpdate,
): Promise<void> {
  if (all === regions.length > 0)
    throw new UsageError(all ? 'Name regions or --all, not both' : `Name regions (${REGIONS.join(', ')}), or --all`);
  const deployment = await context.findDeployment(options);
  const changed: RegionPace[] = [];
  try {
    for await (const pace of changePaces(deployment, all ? REGIONS : regions, update)) {
      changed.push(pace);
      if (json) console.log(JSON.stringify(paceJson(pace, context.clock.nowMs())));
    }
  } finally {
    if (!json && changed.length > 0) printLines(paceLines(changed, context.clock.nowMs()));
    deployment.close();
  }
}

function lanesOf({ lane }: Pick<Options, 'lane'>): readonly Lane[] {
  return lane === undefined ? LANES : [lane];
}

function rate(text: string): number | 'default' {
  if (text === 'default') return text;
  const calls = positiveNumber(text);
  if (calls < 0.01 || calls > MAX_CALLS_PER_SECOND)
    throw new InvalidArgumentError(`It must be between 0.01 and ${MAX_CALLS_PER_SECOND}, or \`default\`.`);
  return calls;
}
