import { type Command, Option } from 'commander';
import * as z from 'zod';
import type { Deployment } from '../client/deployment.ts';
import { unseenText } from '../client/describe/parked-texts.ts';
import { printLines, printNotes } from '../client/fit-line.ts';
import { isRoomArn } from '../client/operate/find-rooms.ts';
import type { ParkedMessage } from '../client/operate/parked-message.ts';
import { readParkedMessages } from '../client/operate/read-parked-messages.ts';
import { checkRoom, hasRoom, type RequestStatus, readRequestStatus } from '../client/operate/request-status.ts';
import { ledgerKey } from '../lib/contract/keys.ts';
import type { CliContext } from './cli-context.ts';
import { positiveInteger, regionOption, stageOption } from './options.ts';
import { parkedLine } from './print/parked-line.ts';
import { statusJson } from './print/status-json.ts';
import { statusLines } from './print/status-lines.ts';
import { statusOfRooms } from './status-of-rooms.ts';
import { onlyWith, UsageError } from './usage.ts';
import { waitForOutcome } from './wait-for-outcome.ts';
import { warnOfHidden } from './warn-of-hidden.ts';

const EXAMPLES = `
Examples:
  $ greenroom status final-2026/main-chat            show what the ledger stores
  $ greenroom status final-2026/main-chat --wait     wait for the outcome first
  $ greenroom status final-2026/main-chat --verify   ask IVS Chat whether the
                                                     room still exists
  $ greenroom status final-2026/main-chat --parked   also show whether the
                                                     request is parked
  $ greenroom status final-2026/main-chat --json | jq .state
      print in-progress, decided, completed, released, room-deleted, damaged,
      not-requested (only a release is stored) or unknown
  $ greenroom status arn:aws:ivschat:eu-west-1:123456789012:room/AbCdEf123456
                                                     show the request of a room
  $ greenroom status --name final-2026               show the requests of all
                                                     rooms with this name

The ledger stores the facts of the current generation of a key. Facts without a
stored time are shown with "-". A key keeps its room even if somebody deletes
the room: requests with this key still get the deleted room. If greenroom has
released the room, new requests with its key fail. In both cases, use another
key for a new room. To find a name, the command calls ListRooms in every region.
These calls, and those of --verify, share their quotas with greenroom's own
calls.
The exit code is 0 if the key is known (with --wait: has a room; with --verify:
has no deleted room), otherwise 1.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  name: z.boolean().default(false),
  parked: z.boolean().default(false),
  wait: z.boolean().default(false),
  timeout: z.number(),
  verify: z.boolean().default(false),
  json: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

export function defineCommand(command: Command, context: CliContext): void {
  command
    .argument('<key>', 'the idempotency key of the request, or the ARN of a room')
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--name', 'the argument is the name of one or more rooms')
    .option('--parked', 'also look for the request in the parked queue')
    .option('--wait', 'wait until the request has its outcome')
    .addOption(new Option('--timeout <seconds>', 'how long --wait waits').argParser(positiveInteger).default(300))
    .option('--verify', 'ask IVS Chat whether the room still exists')
    .option('--json', 'print one JSON object per request')
    .addHelpText('after', EXAMPLES)
    .action(async (key: string, options: unknown) => {
      if (!(await status(key, optionsSchema.parse(options), context))) process.exitCode = 1;
    });
  onlyWith(command, '--timeout', '--wait');
}

/** @returns whether the key is known and, depending on the options, has a room that was not deleted */
async function status(text: string, options: Options, context: CliContext): Promise<boolean> {
  if (text.trim() === '') throw new UsageError('the key is empty');
  const isRoom = options.name || isRoomArn(text);
  if (isRoom && options.parked)
    throw new UsageError('--parked looks for an idempotency key: give the key instead of a room');
  if (isRoom && options.wait)
    throw new UsageError('--wait waits for an idempotency key: give the key instead of a room');
  const deployment = await context.findDeployment(options);
  try {
    return isRoom
      ? await statusOfRooms(text, options, deployment, context.clock)
      : await statusOfKey(text, options, deployment, context);
  } finally {
    deployment.close();
  }
}

async function statusOfKey(
  key: string,
  options: Options,
  deployment: Deployment,
  context: CliContext,
): Promise<boolean> {
  const { clock, signal } = context;
  const subject = { idempotencyKey: key, ledgerKey: ledgerKey(key) };
  const read = () => readRequestStatus(deployment, subject.ledgerKey);
  const found = options.wait ? await waitForOutcome(read, options.timeout, context) : await read();
  const known = options.verify ? await checkRoom(found, deployment, clock.nowMs()) : found;
  const parked = options.parked ? await findParked(deployment, key, signal) : undefined;
  if (options.json) {
    const shown = {
      ...statusJson(subject, known, clock.nowMs()),
      ...(parked && { parked: parked.map(({ body: _, ...rest }) => rest) }),
    };
    console.log(JSON.stringify(shown));
  } else {
    printLines(statusLines(subject, known, clock.nowMs()));
    printLines((parked ?? []).map((message) => `parked: ${parkedLine(message, deployment.stage)}`));
    if (parked?.length === 0) printLines(['not found in the parked queue']);
  }
  return isAsWanted(known, parked ?? [], options);
}

function isAsWanted(known: RequestStatus, parked: readonly ParkedMessage[], { wait }: Options): boolean {
  if (known.roomCheck?.exists === false) return false;
  return wait ? hasRoom(known) : known.kind !== 'unknown' || parked.length > 0;
}

async function findParked(deployment: Deployment, key: string, signal: AbortSignal): Promise<ParkedMessage[]> {
  const found: ParkedMessage[] = [];
  const unseenCount = await readParkedMessages(deployment, { signal, onStillHidden: warnOfHidden }, (parked) => {
    if (parked.idempotencyKey === key) found.push(parked);
  });
  if (unseenCount > 0) printNotes([unseenText(unseenCount)]);
  return found;
}
