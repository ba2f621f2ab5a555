import { type Command, Option } from 'commander';
import * as z from 'zod';
import type { Deployment } from '../client/deployment.ts';
import { unseenText } from '../client/describe/parked-texts.ts';
import { HELP_WIDTH, printNotes, widthOf, wrapText } from '../client/fit-line.ts';
import type { ParkedMessage } from '../client/operate/parked-message.ts';
import { REASON_TEXTS, reasonOf } from '../client/operate/parked-reason.ts';
import { readParkedMessages } from '../client/operate/read-parked-messages.ts';
import { PARK_REASONS } from '../lib/contract/parked-note.ts';
import type { CliContext } from './cli-context.ts';
import { findByIdStart, messageId } from './message-id.ts';
import { regionOption, stageOption } from './options.ts';
import { addParkedRemoveCommand } from './parked-remove.ts';
import { bodyForTerminal, printableLines } from './print/body-text.ts';
import { countsText, parkedHeader, parkedLine } from './print/parked-line.ts';
import { warnOfHidden } from './warn-of-hidden.ts';

const REASONS = [...REASON_TEXTS].flatMap(([reason, meaning]) =>
  wrapText(`  ${reason.padEnd(16)} ${meaning}`, HELP_WIDTH, ' '.repeat(19)),
);

const EXAMPLES = `
Examples:
  $ greenroom parked                          list the messages that wait for a
                                              person, and the reasons
  $ greenroom parked --reason dead-lettered   list the messages that were parked
                                              for this reason
  $ greenroom parked --json | jq -r .idempotencyKey   print everything,
                                                      including bodies, as
                                                      NDJSON
  $ greenroom parked show 3f2a                show the whole note and the body
                                              of one message
  $ greenroom parked show 3f2a --raw > body.json   save the body of one message,
                                                   byte for byte

Reasons:
${REASONS.join('\n')}

\`list\` and \`show\` leave the messages in the queue. While a command runs, SQS
hides the messages from other readers. When it ends, even by Ctrl-C, they become
visible again. To send messages back: greenroom redrive. To remove messages that
are no longer needed: greenroom parked remove. Each command has options of its
own, for example: greenroom parked list --help`;

const listSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  json: z.boolean().default(false),
});

const showSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  raw: z.boolean().default(false),
});

export function reasonOption(description: string, reasons: readonly string[] = PARK_REASONS): Option {
  return new Option('--reason <reason>', description).choices(reasons);
}

export function defineCommand(command: Command, context: CliContext): void {
  command.addHelpText('after', EXAMPLES);
  command
    .command('list', { isDefault: true })
    .description('list the messages (the default)')
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(reasonOption('only messages with this reason', [...REASON_TEXTS.keys()]))
    .option('--json', 'print everything about the messages as NDJSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: unknown) => {
      const parsed = listSchema.parse(options);
      await withDeployment(parsed, context, (deployment) => list(deployment, parsed, context));
    });
  command
    .command('show')
    .description('show the note and the body of one message')
    .argument(
      '<id>',
      'the id of the message, or the first 4 or more characters of the id if they are unique',
      messageId,
    )
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--raw', 'print only the body, byte for byte')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: unknown) => {
      const parsed = showSchema.parse(options);
      await withDeployment(parsed, context, (deployment) => show(deployment, id, parsed, context.signal));
    });
  addParkedRemoveCommand(command, context);
}

async function withDeployment(
  options: { stage: string; region?: string },
  context: CliContext,
  use: (deployment: Deployment) => Promise<void>,
): Promise<void> {
  const deployment = await context.findDeployment(options);
  try {
    await use(deployment);
  } finally {
    deployment.close();
  }
}

async function list(
  deployment: Deployment,
  options: z.infer<typeof listSchema>,
  { signal, note }: CliContext,
): Promise<void> {
  const counts = new Map<string, number>();
  const width = widthOf(process.stdout);
  const where = `in stage ${deployment.stage}`;
  try {
    const unseenCount = await readParkedMessages(deployment, { signal, onStillHidden: warnOfHidden }, (parked) => {
      const reason = reasonOf(parked);
      if (options.reason !== undefined && options.reason !== reason) return;
      if (counts.size === 0 && !options.json) console.log(parkedHeader(width));
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
      console.log(options.json ? JSON.stringify(parked) : parkedLine(parked, deployment.stage, width));
    });
    if (unseenCount > 0) printNotes([unseenText(unseenCount)]);
    else if (counts.size === 0) note(`No ${options.reason ? `${options.reason} ` : ''}messages are parked ${where}.`);
  } finally {
    if (counts.size > 0) note(`Parked ${where}: ${countsText(counts)}.`);
  }
}

async function show(
  deployment: Deployment,
  idStart: string,
  { raw }: z.infer<typeof showSchema>,
  signal: AbortSignal,
): Promise<void> {
  const matching: ParkedMessage[] = [];
  await readParkedMessages(deployment, { signal, onStillHidden: warnOfHidden }, (parked) => {
    if (parked.id.startsWith(idStart)) matching.push(parked);
  });
  const { body, ...rest } = findByIdStart(matching, idStart);
  if (raw) process.stdout.write(body);
  else
    console.log(
      `${printableLines(JSON.stringify(rest, null, 2))}\n\n${process.stdout.isTTY ? bodyForTerminal(body) : body}`,
    );
}
