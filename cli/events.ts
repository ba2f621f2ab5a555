import { styleText } from 'node:util';
import type { Command } from 'commander';
import * as z from 'zod';
import { printable } from '../client/completion-line.ts';
import { findDeployment } from '../client/deployment.ts';
import { type ListedEvent, type ListedState, listLiveEvents } from '../client/operate/live-event-list.ts';
import { systemClock } from '../lib/platform/clock.ts';
import { regionOption, stageOption } from './options.ts';

const EXAMPLES = `
Examples:
  $ greenroom events                                              events that have yet to begin, or began within the last hour
  $ greenroom events --all                                        all events that greenroom remembers
  $ greenroom events --json | jq -r 'select(.state != "ready")'   one JSON object per line

waiting: its rooms are not requested yet; opening: they are requested; ready: all of them exist; incomplete: some of them will not be
created (greenroom status KEY shows why; its keys are live/EVENT/ROOM); cancelled: its rooms, if it has any, stay.`;

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

export function addEventsCommand(program: Command, signal: AbortSignal): void {
  program
    .command('events')
    .description('list live events: state, start, number of rooms ready and wanted')
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--all', 'include events that began earlier')
    .option('--json', 'print them as NDJSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: unknown) => {
      await events(optionsSchema.parse(options), signal);
    });
}

async function events(options: z.infer<typeof optionsSchema>, signal: AbortSignal): Promise<void> {
  const waiting = { clock: systemClock, random: Math.random, signal };
  const deployment = await findDeployment(options);
  try {
    const found = await listLiveEvents(deployment, options.all ? 0 : Date.now() - HOUR_MS, waiting);
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
