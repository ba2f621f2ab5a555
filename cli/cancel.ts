import type { Command } from 'commander';
import * as z from 'zod';
import { cancelledRoomsText } from '../client/describe/live-event-words.ts';
import { sendCancellation } from '../client/operate/cancel-live-event.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import type { LiveEventItem } from '../lib/live-events/live-event-item.ts';
import { readLiveEventItem } from '../lib/live-events/read-live-event-item.ts';
import type { CliContext } from './cli-context.ts';
import { requireConsent, yesOption } from './confirm.ts';
import { regionOption, stageOption } from './options.ts';

const EXAMPLES = `
Examples:
  $ greenroom cancel final-2026         ask for confirmation, then cancel the
                                        event
  $ greenroom cancel final-2026 --yes   cancel it without asking, as in a script

A cancelled event stays cancelled. To bring it back, schedule it under another
id. If any revision of the event had a release time, the rooms that it has
requested are released after the grace period, which deletes them, unless you
keep them: greenroom release --event ID --keep. Otherwise, existing rooms are
not deleted.
The exit code is 0 if the event is cancelled, or already was, otherwise 1.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  yes: z.boolean().default(false),
});

export function defineCommand(command: Command, context: CliContext): void {
  command
    .argument('<id>', 'the liveEventId of the event')
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(yesOption())
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: unknown) => {
      if (!(await cancel(id, optionsSchema.parse(options), context))) process.exitCode = 1;
    });
}

/** @returns whether the event is cancelled */
async function cancel(id: string, options: z.infer<typeof optionsSchema>, context: CliContext): Promise<boolean> {
  const mayCancel = requireConsent(options, context);
  const deployment = await context.findDeployment(options);
  const { dynamodb, rosterTable } = deployment;
  try {
    const event = await readLiveEventItem(id, { rosters: { dynamodb, tableName: rosterTable } });
    if (event === undefined)
      throw new UserError(`There is no live event ${id} in stage ${deployment.stage}: see ${typed('events')}`);
    if (event.live_state === 'cancelled') {
      context.note(`${id} was cancelled on ${new Date(event.cancelled_at).toISOString()}.`);
      return true;
    }
    const rooms = effectOnRooms(event);
    const starts = new Date(event.starts_at).toISOString();
    const question = `Cancel ${id}, which starts at ${starts}? This cannot be undone. ${rooms}`;
    if (!(await mayCancel(question))) return false;
    await sendCancellation({ liveEventId: id, revision: event.revision + 1, tenant: event.tenant }, deployment);
    context.note(`Sent the cancellation of ${id} to stage ${deployment.stage}. ${rooms}`);
    return true;
  } finally {
    deployment.close();
  }
}

function effectOnRooms({
  live_event_id: id,
  has_release: hasRelease,
  opened_revisions: opened,
}: LiveEventItem): string {
  const hasRequested = opened.size > 0;
  const effect = cancelledRoomsText({ hasRequested, hasRelease });
  if (!hasRequested || !hasRelease) return effect;
  return `${effect} To keep them, cancel the event, and then: ${typed(`release --event ${id} --keep`)}`;
}
