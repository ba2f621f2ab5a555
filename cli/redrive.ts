import { type Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';
import { printable } from '../client/completion-line.ts';
import type { Deployment } from '../client/deployment.ts';
import { unseenText } from '../client/describe/parked-texts.ts';
import { printLines, printNotes } from '../client/fit-line.ts';
import { neededByAhead } from '../client/operate/needed-by-ahead.ts';
import { reasonOf } from '../client/operate/parked-reason.ts';
import { readParkedMessages } from '../client/operate/read-parked-messages.ts';
import { returnMessage } from '../client/operate/return-message.ts';
import { DEFAULT_PER_SECOND, sendBack } from '../client/operate/send-back.ts';
import type { CliContext } from './cli-context.ts';
import { requireConsent, yesOption } from './confirm.ts';
import { findByIdStart, messageId } from './message-id.ts';
import { positiveInteger, regionOption, stageOption } from './options.ts';
import { reasonOption } from './parked.ts';
import { shortId } from './print/parked-line.ts';
import { createProblemNotes } from './print/problem-tally.ts';
import { isGiven, UsageError } from './usage.ts';
import { warnOfHidden } from './warn-of-hidden.ts';

const EXAMPLES = `
Examples:
  $ greenroom redrive 3f2a 91c07b   send back these two messages (greenroom
                                    parked lists the ids)
  $ greenroom redrive --reason dead-lettered --dry-run
      show what would be sent back
  $ greenroom redrive --reason dead-lettered --yes --rate 2
      send back two messages a second, without asking
  $ greenroom redrive --all --needed-by 2026-12-18T14:00:00Z
      send back all messages, with a new neededBy

Each request goes back to its lane, through the redrive queue and with its body
unchanged. Then it is deleted from the parked queue. It counts as a new request,
so it may claim a failed key again. A request whose own neededBy has passed
fails as expired, unless --needed-by sets a later time. Other messages go back
to the queues that they came from. A message that cannot be sent back stays in
the parked queue.
The exit code is 0 if all selected messages were sent back (with --dry-run: if
they could be sent back), otherwise 1.`;

const WITHOUT_ATTRIBUTES = ', without its message attributes: they did not fit into its note';

const INVISIBLE = 'it is no longer visible';

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  all: z.boolean().default(false),
  neededBy: z.string().exactOptional(),
  rate: z.number(),
  dryRun: z.boolean().default(false),
  yes: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

/** A parked message that was selected to be sent back. Its body is left out, because there may be thousands of messages. */
interface Chosen {
  id: string;
  /** Its name in messages to the user. */
  name: string;
  lane?: string;
  /** Printed after its name in the lines that show where the message goes. */
  remark?: string;
  /** Why it cannot be sent back. */
  problem?: string;
}

export function defineCommand(command: Command, context: CliContext): void {
  command
    .argument(
      '[ids...]',
      'the ids of parked messages, or the first 4 or more characters of each id if they are unique',
      collectIds,
    )
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(reasonOption('all messages that were parked for this reason'))
    .option('--all', 'all parked messages')
    .option(
      '--needed-by <time>',
      "the time by which the rooms are needed, instead of each request's own neededBy",
      (text: string) => timeAhead(text, context.clock.nowMs()),
    )
    .option('--rate <n>', 'the maximum number of messages to send per second', positiveInteger, DEFAULT_PER_SECOND)
    .option('--dry-run', 'only show what would be sent back')
    .addOption(yesOption())
    .addHelpText('after', EXAMPLES)
    .action(async (ids: string[], given: unknown) => {
      const options = optionsSchema.parse(given);
      const selections = [ids.length > 0, options.reason !== undefined, options.all];
      if (selections.filter(Boolean).length !== 1)
        throw new UsageError('give exactly one of message ids, --reason and --all');
      if (options.dryRun && isGiven(command, '--rate')) throw new UsageError('--rate has no effect with --dry-run');
      if (!(await redrive(ids, options, context))) process.exitCode = 1;
    });
}

/** @returns whether all selected messages were sent back */
async function redrive(ids: string[], options: Options, context: CliContext): Promise<boolean> {
  const { signal } = context;
  // A dry run never asks.
  const mayRedrive = requireConsent({ yes: options.yes || options.dryRun }, context);
  const deployment = await context.findDeployment(options);
  try {
    const chosen = await choose(ids, options, deployment, signal);
    if (chosen.length === 0) context.note(`No matching messages are parked in stage ${deployment.stage}.`);
    printUnsendable(chosen);
    const sendable = chosen.filter(({ problem }) => problem === undefined);
    const isAllSendable = sendable.length === chosen.length;
    if (options.dryRun)
      for (const { name, lane, remark = '' } of sendable)
        printLines([printable(`would be sent back to ${lane}: ${name}${remark}`)]);
    if (options.dryRun || sendable.length === 0) return isAllSendable;
    const count = `${sendable.length} ${sendable.length === 1 ? 'message' : 'messages'}`;
    const question = `Send ${count} back to the queues of stage ${deployment.stage}? This cannot be undone.`;
    if (!(await mayRedrive(question))) return false;
    return (await sendAll(deployment, sendable, options, context)) && isAllSendable;
  } finally {
    deployment.close();
  }
}

function printUnsendable(chosen: readonly Chosen[]): void {
  const parked = createProblemNotes('message');
  for (const { name, problem } of chosen)
    if (problem !== undefined) parked.note(`${name} stays parked: ${problem}`, problem);
  parked.end();
}

/** @throws UserError unless each id identifies exactly one parked message */
async function choose(ids: string[], options: Options, deployment: Deployment, signal: AbortSignal): Promise<Chosen[]> {
  const { stage } = deployment;
  const matching: Chosen[] = [];
  const unseenCount = await readParkedMessages(deployment, { signal, onStillHidden: warnOfHidden }, (parked) => {
    const { id, idempotencyKey = 'no readable key' } = parked;
    if (options.reason !== undefined && reasonOf(parked) !== options.reason) return;
    if (ids.length > 0 && !ids.some((idStart) => id.startsWith(idStart))) return;
    const returned = returnMessage(parked, { stage, ...neededByOf(options) });
    const name = `${shortId(id)} (${idempotencyKey})`;
    if (returned.kind === 'unsendable') matching.push({ id, name, problem: returned.problem });
    else
      matching.push({ id, name, lane: returned.lane, ...(returned.lacksAttributes && { remark: WITHOUT_ATTRIBUTES }) });
  });
  if (ids.length === 0 && unseenCount > 0) printNotes([unseenText(unseenCount)]);
  return ids.length === 0 ? matching : [...new Set(ids.map((idStart) => findByIdStart(matching, idStart)))];
}

/** @returns whether all were sent back and deleted from the parked queue */
async function sendAll(
  deployment: Deployment,
  sendable: Chosen[],
  options: Options,
  { signal, clock, note }: CliContext,
): Promise<boolean> {
  const unseen = new Map(sendable.map((each) => [each.id, each]));
  const ids = new Set(unseen.keys());
  const failures = createProblemNotes('message');
  let sentCount = 0;
  let problemCount = 0;
  const { rate: perSecond } = options;
  const settings = { perSecond, clock, signal, onStillHidden: warnOfHidden, ...neededByOf(options) };
  try {
    for await (const { parked, lane, sent, problem } of sendBack(deployment, ids, settings)) {
      const { name, remark = '' } = unseen.get(parked.id) ?? {};
      unseen.delete(parked.id);
      if (sent) sentCount += 1;
      if (sent) printLines([printable(`${sentCount}/${sendable.length}  sent back to ${lane}: ${name}${remark}`)]);
      if (problem !== undefined) problemCount += 1;
      if (problem !== undefined) failures.note(`${name}${sent ? '' : ' stays parked'}: ${problem}`, problem);
    }
    for (const { name } of unseen.values()) failures.note(`${name} was not sent back: ${INVISIBLE}`, INVISIBLE);
  } finally {
    failures.end();
    note(`Sent back ${sentCount} of ${sendable.length} messages of stage ${deployment.stage}.`);
  }
  return unseen.size === 0 && problemCount === 0;
}

function neededByOf({ neededBy }: Options): { neededBy?: string } {
  return neededBy === undefined ? {} : { neededBy };
}

function collectIds(text: string, previous: string[] = []): string[] {
  return [...previous, messageId(text)];
}

/** Parses a time. @throws InvalidArgumentError, which commander explains */
function timeAhead(text: string, nowMs: number): string {
  const given = neededByAhead(text, nowMs);
  if (given.kind === 'invalid') throw new InvalidArgumentError(given.problem);
  return given.neededBy;
}
