import type { Deployment } from '../client/deployment.ts';
import type { StatusSubject } from '../client/describe/status-steps.ts';
import { printLines, printNotes } from '../client/fit-line.ts';
import { findRoomByArn, findRoomsByName, type TaggedRoom } from '../client/operate/find-rooms.ts';
import { foreignProblem } from '../client/operate/foreign-room.ts';
import { checkRoom, readRequestStatus } from '../client/operate/request-status.ts';
import { UserError } from '../client/user-error.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import type { Clock } from '../lib/platform/clock.ts';
import { statusJson } from './print/status-json.ts';
import { statusLines } from './print/status-lines.ts';

/** How many rooms with one name are shown. The others can be looked up by their keys. */
const MAX_ROOMS = 20;

export interface RoomQuery {
  /** Whether the text is a name. Otherwise it is an ARN. */
  name: boolean;
  verify: boolean;
  json: boolean;
}

/** Prints the requests of the room with an ARN, or of the rooms with a name. @returns whether the ledger knows the keys of all these rooms */
export async function statusOfRooms(
  text: string,
  query: RoomQuery,
  deployment: Deployment,
  clock: Clock,
): Promise<boolean> {
  const rooms = query.name
    ? findRoomsByName(text, REGIONS, deployment.ivsChat)
    : [await findRoomByArn(text, deployment.ivsChat)];
  let count = 0;
  let areKnown = true;
  for await (const room of rooms) {
    if (count === MAX_ROOMS) {
      printNotes([`There are more rooms with this name: only ${MAX_ROOMS} are shown`]);
      break;
    }
    count += 1;
    areKnown = (await printRoom(room, query, deployment, clock)) && areKnown;
  }
  if (count === 0)
    throw new UserError(`There is no room with the name ${text}. IVS Chat may list a new room a few seconds late`);
  return areKnown;
}

async function printRoom(
  room: TaggedRoom,
  { verify, json }: RoomQuery,
  deployment: Deployment,
  clock: Clock,
): Promise<boolean> {
  const { arn, ledgerKey: key } = room;
  const problem = foreignProblem(room, deployment);
  if (key === undefined || problem !== undefined) {
    if (json) console.log(JSON.stringify({ roomArn: arn, state: 'foreign', problem }));
    else printLines([`${arn}  ${problem}`]);
    return false;
  }
  const subject: StatusSubject = { roomArn: arn, ledgerKey: key };
  const read = await readRequestStatus(deployment, key);
  const status = verify ? await checkRoom(read, deployment, clock.nowMs()) : read;
  if (json) console.log(JSON.stringify(statusJson(subject, status, clock.nowMs())));
  else printLines(statusLines(subject, status, clock.nowMs()));
  return status.kind !== 'unknown' && status.roomCheck?.exists !== false;
}
