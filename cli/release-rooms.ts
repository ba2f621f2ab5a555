import type { Deployment } from '../client/deployment.ts';
import { printLines, printNotes } from '../client/fit-line.ts';
import { planRelease, type ReleaseIntent, type ReleasePlan } from '../client/operate/release/plan-release.ts';
import { readRoomReleases } from '../client/operate/release/read-room-releases.ts';
import type { NamedKey, RoomRelease } from '../client/operate/release/room-release.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import { KEEP_MS } from '../lib/contract/release-wish.ts';
import { learnTimeFrom } from '../lib/platform/learn-time.ts';
import { createSharedTime, type SharedTime } from '../lib/platform/shared-time.ts';
import type { CliContext } from './cli-context.ts';
import { requireConsent } from './confirm.ts';
import { counted } from './print/bulk-lines.ts';
import { releaseJson, roomReleaseJson } from './print/release-json.ts';
import { effectLines, releaseQuestion, roomLines, totalLines } from './print/release-lines.ts';
import { openProgress } from './progress.ts';
import { keysOf } from './release-keys.ts';
import type { ReleaseOptions, RoomSelection } from './release-options.ts';
import { printChunks, saveChunks } from './save-output.ts';
import { sendReleases } from './send-releases.ts';

/** The release of more rooms requires their exact number. */
const MANY_ROOMS = 100;

/**
 * Lists rooms, asks for confirmation, and sends a release command for each room.
 * @returns whether the release of every room is as the user wants it
 */
export async function releaseRooms(
  selection: RoomSelection,
  options: ReleaseOptions,
  context: CliContext,
): Promise<boolean> {
  const { yes, confirm, dryRun, keep, at, tenant } = options;
  const mayRelease = requireConsent({ yes: yes || confirm !== undefined || dryRun || keep }, context);
  const intent: ReleaseIntent = { releaseAtMs: keep ? KEEP_MS : at, tenant };
  const deployment = await context.findDeployment(options);
  try {
    // The time of the commands is compared with those of other senders, so it must not depend on the clock of this computer.
    const time = createSharedTime(context.clock);
    learnTimeFrom(deployment.dynamodb, time, context.clock);
    const plan = await listRooms(
      keysOf(selection, options, deployment, context),
      { intent, time },
      options,
      deployment,
      context,
    );
    const isComplete = isWanted(plan, intent);
    if (dryRun || plan.toSend.length === 0) {
      if (options.json) console.log(JSON.stringify(releaseJson(plan, intent)));
      if (!dryRun) context.note('There is nothing to change, so nothing was sent.');
      return isComplete;
    }
    requireCount(plan.toSend.length, options);
    if (!(await mayRelease(releaseQuestion(plan, intent)))) return false;
    return (await sendReleases({ plan, intent, time }, options, deployment, context)) && isComplete;
  } finally {
    deployment.close();
  }
}

/** Reads the rooms and shows them. @throws UserError if there are none */
async function listRooms(
  keys: AsyncIterable<NamedKey>,
  { intent, time }: { intent: ReleaseIntent; time: SharedTime },
  { json, output }: ReleaseOptions,
  deployment: Deployment,
  context: CliContext,
): Promise<ReleasePlan> {
  const { clock, signal, note } = context;
  const rooms: RoomRelease[] = [];
  const progress = openProgress(context);
  try {
    for await (const room of readRoomReleases(deployment, keys, { clock, random: Math.random, signal })) {
      rooms.push(room);
      if (rooms.length % 100 === 0) progress.show(() => `${counted(rooms.length, 'room')} read`);
    }
  } finally {
    progress.end();
  }
  if (rooms.length === 0) throw new UserError('There are no rooms: nothing was sent');
  const plan = planRelease(rooms, intent);
  const isReleased = plan.toSend.length > 0 && intent.releaseAtMs !== KEEP_MS;
  const graceMs = json || !isReleased ? undefined : await deployment.releaseGraceMs();
  const lines = () => linesOf(rooms);
  if (output !== undefined && output !== '-') {
    await saveChunks(output, lines(), signal);
    note(`Saved ${counted(rooms.length, 'room')} to ${output}.`);
  } else if (json || output === '-') await printChunks(lines(), signal);
  const times = { nowMs: time.nowMs(), graceMs };
  if (!json) printLines([...roomLines(rooms), '', ...totalLines(plan), ...effectLines(plan, intent, times)]);
  warnOfDamaged(rooms);
  return plan;
}

async function* linesOf(rooms: readonly RoomRelease[]): AsyncGenerator<string> {
  for (const room of rooms) yield `${JSON.stringify(roomReleaseJson(room))}\n`;
}

function warnOfDamaged(rooms: readonly RoomRelease[]): void {
  for (const { key } of rooms.filter(({ state }) => state === 'damaged').slice(0, 20))
    printNotes([`The ledger item of ${key} is damaged: see ${typed('status KEY')}`]);
}

/** Whether no rooms are left out, except those that are to be released and have been released already. */
function isWanted({ leftOut }: ReleasePlan, { releaseAtMs }: ReleaseIntent): boolean {
  const isReleasedAsWanted = releaseAtMs === undefined;
  return (
    leftOut.damaged === undefined &&
    leftOut['other-tenant'] === undefined &&
    (isReleasedAsWanted || leftOut.final === undefined)
  );
}

/** @throws UserError unless the user has stated the number of rooms where this is required */
function requireCount(count: number, { confirm, keep }: ReleaseOptions): void {
  if (confirm !== undefined && confirm !== count)
    throw new UserError(
      `Commands would be sent for ${counted(count, 'room')}, not for ${confirm}. Nothing was sent. If the list is right: --confirm ${count}`,
    );
  if (confirm === undefined && count > MANY_ROOMS && !keep)
    throw new UserError(
      `For more than ${MANY_ROOMS} rooms, give their exact number. Nothing was sent. If the list is right: --confirm ${count}`,
    );
}
