import type { Command } from 'commander';
import * as z from 'zod';
import type { Deployment } from '../client/deployment.ts';
import { printLines, widthOf } from '../client/fit-line.ts';
import { readEventDetail } from '../client/operate/live-event-detail.ts';
import { listLiveEvents } from '../client/operate/live-event-list.ts';
import { withReleases } from '../client/operate/live-event-releases.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import type { CliContext } from './cli-context.ts';
import { regionOption, stageOption } from './options.ts';
import {
  eventDetailJson,
  eventDetailLines,
  eventJson,
  eventLines,
  notAppliedJson,
  notAppliedLines,
} from './print/event-lines.ts';
import { MAY_BE_BEHIND } from './print/may-be-behind.ts';
import { UsageError } from './usage.ts';

const EXAMPLES = `
Examples:
  $ greenroom events                 list the events that start in the future
                                     or started within the last hour
  $ greenroom events --all           list all events whose start greenroom knows
  $ greenroom events final-2026      show one event with its rooms, and why
                                     rooms failed or a message was not applied
  $ greenroom events --json | jq -r 'select(.atRisk).liveEventId'
                                     list the events that are at risk

States:
  waiting      the rooms are not requested yet
  opening      the rooms are requested, and some do not exist yet
  ready        all rooms exist
  incomplete   some rooms will not be created
  cancelled    the event is cancelled. If it had a release time, its rooms are
               released; otherwise, they are kept

Remarks at the end of a line:
  at risk                   rooms were missing at the check and still are, or
                            they are expected only after the start
  2 failed                  these rooms will not be created
  3 never requested         rooms of a cancelled event that were not needed
  revision 4 not applied    this message was refused; the event is unchanged

In the detail of an event, a room that exists has the state "marked" when its
release is final, and "released" when it is deleted, as in greenroom release. If
the release time of a room differs from that of the event, it is also shown.

An event that was cancelled before greenroom received it has no known start, and
is in no list. To show it, give its liveEventId.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  all: z.boolean().default(false),
  json: z.boolean().default(false),
});

const HOUR_MS = 3_600_000;

export function defineCommand(command: Command, context: CliContext): void {
  command
    .argument('[event]', 'the liveEventId of one event, to show it in detail')
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--all', 'include events that started earlier')
    .option('--json', 'print NDJSON; for one event, a single object')
    .addHelpText('after', EXAMPLES)
    .action(async (liveEventId: string | undefined, options: unknown) => {
      const parsed = optionsSchema.parse(options);
      if (liveEventId !== undefined && parsed.all) throw new UsageError('--all has no effect with an event');
      const deployment = await context.findDeployment(parsed);
      try {
        if (liveEventId === undefined) await listEvents(parsed, deployment, context);
        else await showEvent(liveEventId, parsed, deployment, context);
      } finally {
        deployment.close();
      }
    });
}

async function listEvents(
  { all, json }: z.infer<typeof optionsSchema>,
  deployment: Deployment,
  { signal, clock, note }: CliContext,
): Promise<void> {
  const waiting = { clock, random: Math.random, signal };
  const found = await listLiveEvents(deployment, { fromMs: all ? 0 : clock.nowMs() - HOUR_MS }, waiting);
  if (json) for (const event of found) console.log(JSON.stringify(eventJson(event)));
  else printLines(eventLines(found, widthOf(process.stdout)));
  if (found.length === 0) note(`No live events in stage ${deployment.stage}. ${MAY_BE_BEHIND}`);
}

/** @throws UserError if there is no such event, after the refusal of its first message is printed, if there was one */
async function showEvent(
  liveEventId: string,
  { json }: z.infer<typeof optionsSchema>,
  deployment: Deployment,
  { clock, signal }: CliContext,
): Promise<void> {
  const { dynamodb, rosterTable: tableName, stage } = deployment;
  const { event: found, notApplied } = await readEventDetail(liveEventId, { dynamodb, tableName });
  if (found !== undefined) {
    const waiting = { clock, random: Math.random, signal };
    const event = { ...found, rooms: await withReleases(liveEventId, found.rooms, deployment, waiting) };
    if (json) console.log(JSON.stringify(eventDetailJson(event)));
    else printLines(eventDetailLines(event));
    return;
  }
  if (notApplied !== undefined) {
    if (json) console.log(JSON.stringify({ liveEventId, notApplied: notAppliedJson(notApplied) }));
    else printLines(notAppliedLines(notApplied));
  }
  throw new UserError(`There is no live event ${liveEventId} in stage ${stage}: see ${typed('events')}`);
}
