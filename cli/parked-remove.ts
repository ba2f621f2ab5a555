import type { Command } from 'commander';
import * as z from 'zod';
import type { Deployment } from '../client/deployment.ts';
import type { ParkedMessage } from '../client/operate/parked-message.ts';
import { whyNotRemovable } from '../client/operate/parked-reason.ts';
import { readParkedMessages } from '../client/operate/read-parked-messages.ts';
import { removeParked } from '../client/operate/remove-parked.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import type { CliContext } from './cli-context.ts';
import { type Consent, requireConsent, yesOption } from './confirm.ts';
import { findByIdStart, messageId } from './message-id.ts';
import { regionOption, stageOption } from './options.ts';
import { shortId } from './print/parked-line.ts';
import { warnOfHidden } from './warn-of-hidden.ts';

const EXAMPLES = `
Examples:
  $ greenroom parked remove 3f2a   remove one message (ids: greenroom parked)
  $ greenroom parked remove 3f2a 91c07b --yes >> kept.ndjson
      keep a copy of the removed messages

Only messages that were parked as unparseable or dead-lettered, and those
without a readable note (unreadable-note), can be removed. The others may have
no outcome yet: send them back with greenroom redrive. The command prints each
message as NDJSON before it removes it.`;

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
  await readParkedMessages(deployment, { signal, onStillHidden: warnOfHidden }, (parked) => {
    if (ids.some((idStart) => parked.id.startsWith(idStart))) matching.push(parked);
  });
  const chosen = new Set(ids.map((idStart) => findByIdStart(matching, idStart)));
  for (const message of chosen) {
    const problem = whyNotRemovable(message);
    if (problem === undefined) continue;
    throw new UserError(`${shortId(message.id)} ${problem}: nothing was removed. To send it back: ${typed('redrive')}`);
  }
  const question = `Remove ${chosen.size} ${chosen.size === 1 ? 'message' : 'messages'} of stage ${deployment.stage}? This cannot be undone.`;
  if (!(await mayRemove(question))) return false;
  return removeAll(new Set([...chosen].map(({ id }) => id)), deployment, context);
}

async function removeAll(ids: Set<string>, deployment: Deployment, { signal, note }: CliContext): Promise<boolean> {
  let removedCount = 0;
  const keep = (parked: ParkedMessage) => console.log(JSON.stringify(parked));
  try {
    for await (const _removed of removeParked(deployment, ids, { signal, onStillHidden: warnOfHidden, keep }))
      removedCount += 1;
  } finally {
    note(`Removed ${removedCount} of ${ids.size} messages of stage ${deployment.stage}.`);
  }
  return removedCount === ids.size;
}

function collectIds(text: string, previous: string[] = []): string[] {
  return [...previous, messageId(text)];
}
