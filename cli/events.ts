import { styleText } from 'node:util';
import type { Command } from 'commander';
import * as z from 'zod';
import { printable } from '../client/completion-line.ts';
import { type ListedEvent, type ListedState, listLiveEvents } from '../client/operate/live-event-list.ts';
import type { CliContext } from './cli-context.ts';
import { regionOption, stageOption } from './options.ts';

const EXAMPLES = `
Examples:
  $ greenroom events                                              list events that start in the future or started within the last hour
  $ greenroom events --all                                        list all events that greenroom still stores
  $ greenroom events --json | jq -r 'select(.state != "ready")'   print one JSON object per line

States:
  waiting      the rooms are not requested yet
  opening      the rooms are requested, and some do not exist yet
  ready        all rooms exist
  incomplete   some rooms will not be created: greenroom status live/EVENT/ROOM shows why
  cancelled    the event is cancelled; rooms that already existed are not deleted`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  all: z.boolean().default(false),
  json: z.boolean().default(false),
});

const HOUR_MS = 3_600_000;
const COLOURS: Record<ListedState, Parameters<typeof styleText>[0]> = {
  waiting: 'reset',
  opening: 'yellow',
  ready: 'green',
  incomplete: 'red',
  cancelled: 'dim',
};

export function defineCommand(command: Command, context: CliContext): void {
  command
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--all', 'include events that started earlier')
    .option('--json', 'print the events as NDJSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: unknown) => {
      await events(optionsSchema.parse(options), context);
    });
}

async function events(options: z.infer<typeof optionsSchema>, context: CliContext): Promise<void> {
  const { signal, clock } = context;
  const waiting = { clock, random: Math.random, signal };
  const deployment = await context.findDeployment(options);
  try {
    const found = await listLiveEvents(deployment, options.all ? 0 : clock.nowMs() - HOUR_MS, waiting);
    for (const event of found) console.log(options.json ? JSON.stringify(toJson(event)) : lineOf(event));
    if (found.length === 0) console.error(`No live events in stage ${deployment.stage}.`);
  } finally {
    deployment.close();
  }
}

function toJson({ startsAtMs, ...event }: ListedEvent): object {
  return { ...event, startsAt: new Date(startsAtMs).toISOString() };
}

function lineOf({ state, startsAtMs, roomsReady, roomsTotal, liveEventId, revision, tenant }: ListedEvent): string {
  const painted = styleText(COLOURS[state], state.padEnd('incomplete'.length));
  const rooms = `${roomsReady}/${roomsTotal}`.padStart(9);
  const columns = [painted, new Date(startsAtMs).toISOString(), `${rooms} rooms`, liveEventId, `revision ${revision}`];
  return [...columns, ...(tenant === 'default' ? [] : [tenant])]
    .map((text, column) => (column === 0 ? text : printable(text)))
    .join('  ');
}
