import type { Command } from 'commander';
import * as z from 'zod';
import type { Deployment } from '../client/deployment.ts';
import { findRoomByArn, findRoomsByName, isRoomArn, type TaggedRoom } from '../client/operate/find-rooms.ts';
import type { ParkedMessage } from '../client/operate/parked-message.ts';
import { readRequestStatus } from '../client/operate/request-status.ts';
import { UserError } from '../client/user-error.ts';
import { ledgerKey } from '../lib/contract/keys.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import { isOwnStage } from '../lib/ledger/room-tags.ts';
import type { Clock } from '../lib/platform/clock.ts';
import type { CliContext } from './cli-context.ts';
import { regionOption, stageOption } from './options.ts';
import { parkedLine } from './print/parked-line.ts';
import { type StatusSubject, statusJson, statusLines } from './print/status-lines.ts';
import { readParkedMessages, unseenText } from './read-parked-messages.ts';

const EXAMPLES = `
Examples:
  $ greenroom status final-2026/main-chat                       show what the ledger stores about a request
  $ greenroom status final-2026/main-chat --parked              also show whether the request is parked
  $ greenroom status final-2026/main-chat --json | jq .state    print in-progress, decided, completed, damaged or unknown
  $ greenroom status arn:aws:ivschat:eu-west-1:123456789012:room/AbCdEf123456   show the request of a room
  $ greenroom status --name final-2026                          show the requests of all rooms with this name

The ledger stores the current state of a key, not its history. Unknown times are shown as "-".
To find a name, the command calls ListRooms in every region. These calls share a quota with greenroom's own calls.
The exit code is 0 if the key is known, otherwise 1.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  name: z.boolean().default(false),
  parked: z.boolean().default(false),
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
    .option('--json', 'print one JSON object per request')
    .addHelpText('after', EXAMPLES)
    .action(async (key: string, options: unknown) => {
      if (!(await status(key, optionsSchema.parse(options), context))) process.exitCode = 1;
    });
}

/** @returns whether the key is known */
async function status(text: string, options: Options, context: CliContext): Promise<boolean> {
  const isRoom = options.name || isRoomArn(text);
  if (isRoom && options.parked)
    throw new UserError('--parked looks for an idempotency key: give the key instead of a room');
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
  { parked: includesParked, json }: Options,
  deployment: Deployment,
  { signal, clock }: CliContext,
): Promise<boolean> {
  const subject = { idempotencyKey: key, ledgerKey: ledgerKey(key) };
  const known = await readRequestStatus(deployment, subject.ledgerKey);
  const parked = includesParked ? await findParked(deployment, key, signal) : undefined;
  if (json) {
    const shown = {
      ...statusJson(subject, known),
      ...(parked && { parked: parked.map(({ body: _, ...rest }) => rest) }),
    };
    console.log(JSON.stringify(shown));
  } else {
    for (const line of statusLines(subject, known, clock.nowMs())) console.log(line);
    for (const message of parked ?? []) console.log(`parked: ${parkedLine(message, deployment.stage)}`);
    if (parked?.length === 0) console.log('not found in the parked queue');
  }
  return known.kind !== 'unknown' || (parked ?? []).length > 0;
}

/** How many rooms with one name are shown. The others can be looked up by their keys. */
const MAX_ROOMS = 20;

/** @returns whether the ledger knows the key of every room that was found */
async function statusOfRooms(
  text: string,
  { name: isName, json }: Options,
  deployment: Deployment,
  clock: Clock,
): Promise<boolean> {
  const rooms = isName
    ? findRoomsByName(text, REGIONS, deployment.ivsChat)
    : [await findRoomByArn(text, deployment.ivsChat)];
  let count = 0;
  let areKnown = true;
  for await (const room of rooms) {
    if (count === MAX_ROOMS) {
      console.error(`There are more rooms with this name: only ${MAX_ROOMS} are shown`);
      break;
    }
    count += 1;
    areKnown = (await printRoom(room, json, deployment, clock)) && areKnown;
  }
  if (count === 0) throw new UserError(`There is no room with the name ${text}`);
  return areKnown;
}

async function printRoom(room: TaggedRoom, json: boolean, deployment: Deployment, clock: Clock): Promise<boolean> {
  const { arn, ledgerKey: key } = room;
  const problem = foreignProblem(room, deployment);
  if (key === undefined || problem !== undefined) {
    console.log(json ? JSON.stringify({ roomArn: arn, state: 'foreign', problem }) : `${arn}  ${problem}`);
    return false;
  }
  const subject: StatusSubject = { roomArn: arn, ledgerKey: key };
  const known = await readRequestStatus(deployment, key);
  if (json) console.log(JSON.stringify(statusJson(subject, known)));
  else for (const line of statusLines(subject, known, clock.nowMs())) console.log(line);
  return known.kind !== 'unknown';
}

/** Why the ledger of this deployment says nothing about a room. */
function foreignProblem({ ledgerKey: key, stage: tag }: TaggedRoom, deployment: Deployment): string | undefined {
  if (key === undefined) return 'the room has no greenroom tag: another program created it';
  if (isOwnStage(tag, { stage: deployment.stage, deploymentRegion: deployment.region })) return undefined;
  // The tags of release 0.1.0 and earlier name no region.
  const [stage, region] = (tag ?? '').split('.');
  const options = `--stage ${stage}${region === undefined ? '' : ` --region ${region}`}`;
  return stage ? `another deployment created the room: use ${options}` : 'the room has no stage in its tags';
}

async function findParked(deployment: Deployment, key: string, signal: AbortSignal): Promise<ParkedMessage[]> {
  const found: ParkedMessage[] = [];
  const unseenCount = await readParkedMessages(deployment, signal, (parked) => {
    if (parked.idempotencyKey === key) found.push(parked);
  });
  if (unseenCount > 0) console.error(unseenText(unseenCount));
  return found;
}
