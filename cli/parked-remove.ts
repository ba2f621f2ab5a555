import type { Command } from 'commander';
import * as z from 'zod';
import type { Deployment } from '../client/deployment.ts';
import type { ParkedMessage } from '../client/operate/parked-message.ts';
import { openParkedQueue } from '../client/operate/parked-queue.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import type { CliContext } from './cli-context.ts';
import { type Consent, requireConsent, yesOption } from './confirm.ts';
import { findByIdStart, messageId } from './message-id.ts';
import { regionOption, stageOption } from './options.ts';
import { NO_NOTE, reasonOf, shortId } from './print/parked-line.ts';
import { MESSAGES_PER_SECOND, readParkedMessages, warnOfHidden } from './read-parked-messages.ts';

const EXAMPLES = `
Examples:
  $ greenroom parked remove 3f2a   remove one message (ids: greenroom parked)
  $ greenroom parked remove 3f2a 91c07b --yes >> kept.ndjson
      keep a copy of the removed messages

Only messages that were parked as unparseable or dead-lettered, and those
without a readable note (unreadable-note), can be removed. The others may have
no outcome yet: send them back with greenroom redrive. The command prints each
message as NDJSON before it removes it.`;

/**
 * The requests that were parked as unparseable or dead-lettered already have a completion. Messages that are not requests need none.
 * greenroom cannot send back a message without a readable note, so no other command would end the alarm.
 */
const REMOVABLE = ['unparseable', 'dead-lettered', NO_NOTE];

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  yes: z.boolean().default(false),
});

export function addParkedRemoveCommand(parked: Command, context: CliContext): void {
  parked
    .command('remove')
    .description('permanently remove messages that are no longer needed')
    .argument('<ids...>', 'the ids of messages, or the first 4 or more characters of each id if unique', collectIds)
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(yesOption())
    .addHelpText('after', EXAMPLES)
    .action(async (ids: string[], given: unknown) => {
      const options = optionsSchema.parse(given);
      const mayRemove = requireConsent(options, context);
      const deployment = await context.findDeployment(options);
      try {
        if (!(await remove(ids, mayRemove, deployment, context))) process.exitCode = 1;
      } finally {
        deployment.close();
      }
    });
}

/**
 * @returns whether all messages were removed
 * @throws UserError unless each id identifies one message that may be removed
 */
async function remove(
  ids: string[],
  mayRemove: Consent,
  deployment: Deployment,
  context: CliContext,
): Promise<boolean> {
  const { signal } = context;
  const matching: ParkedMessage[] = [];
  await readParkedMessages(deployment, signal, (parked) => {
    if (ids.some((idStart) => parked.id.startsWith(idStart))) matching.push(parked);
  });
  const chosen = new Set(ids.map((idStart) => findByIdStart(matching, idStart)));
  for (const message of chosen) {
    if (REMOVABLE.includes(reasonOf(message))) continue;
    throw new UserError(
      `${shortId(message.id)} was parked as ${reasonOf(message)} and may have no outcome yet: nothing was removed. To send it back: ${typed('redrive')}`,
    );
  }
  const question = `Remove ${chosen.size} ${chosen.size === 1 ? 'message' : 'messages'} of stage ${deployment.stage}? This cannot be undone.`;
  if (!(await mayRemove(question))) return false;
  return removeAll(new Set([...chosen].map(({ id }) => id)), deployment, context);
}

async function removeAll(ids: Set<string>, deployment: Deployment, { signal, note }: CliContext): Promise<boolean> {
  const wantedCount = ids.size;
  const queue = await openParkedQueue(deployment);
  const settings = { messagesPerSecond: MESSAGES_PER_SECOND, signal, onStillHidden: warnOfHidden };
  try {
    for await (const held of queue.messages(settings)) {
      if (!ids.has(held.parked.id)) continue;
      console.log(JSON.stringify(held.parked));
      await held.remove();
      ids.delete(held.parked.id);
      if (ids.size === 0) break;
    }
  } finally {
    const removedCount = wantedCount - ids.size;
    note(`Removed ${removedCount} of ${wantedCount} messages of stage ${deployment.stage}.`);
  }
  signal.throwIfAborted();
  return ids.size === 0;
}

function collectIds(text: string, previous: string[] = []): string[] {
  return [...previous, messageId(text)];
}
