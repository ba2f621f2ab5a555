import type { Deployment } from '../../client/deployment.ts';
import { findRoomByArn, findRoomsByName, isRoomArn, type TaggedRoom } from '../../client/operate/find-rooms.ts';
import { foreignProblem } from '../../client/operate/foreign-room.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { REGIONS } from '../../lib/contract/regions.ts';
import { roomSchema } from '../../lib/contract/room.ts';
import { readLedgerItem } from '../../lib/ledger/read-ledger-item.ts';
import type { FoundRequest, FoundRequests } from '../api/requests.ts';

/** The maximum number of rooms with one name that are listed. The others can be found by their keys. */
const MAX_ROOMS = 20;

/**
 * Finds the requests for a search text, which is an ARN, a key that the ledger knows, or the name of rooms. Names are searched only if the
 * text is not a known key, because this takes one ListRooms call in every region, and greenroom needs the same quota.
 * @param by `name`: always search for the name
 * @throws UserError if no room has the ARN; the SDK's error
 */
export async function findRequests(
  text: string,
  by: 'name' | undefined,
  deployment: Deployment,
): Promise<FoundRequests> {
  const ledger = { hasMore: false, mayBeName: false };
  if (isRoomArn(text)) {
    const room = await findRoomByArn(text, deployment.ivsChat);
    return { ...ledger, by: 'arn', found: [foundRoom(room, deployment)] };
  }
  const mayBeName = roomSchema.safeParse({ name: text }).success;
  const id = ledgerKey(text);
  const item = by === 'name' ? undefined : await readLedgerItem(ofLedger(deployment), id);
  const named = mayBeName && (item === undefined || item.kind === 'unknown');
  const rooms = named ? await roomsNamed(text, deployment) : { found: [], hasMore: false };
  if (by === 'name' || rooms.found.length > 0) return { ...rooms, by: 'name', mayBeName: false };
  const found = [{ kind: 'request', ledgerKey: id, idempotencyKey: text } as const];
  return { ...ledger, by: 'key', found, mayBeName: mayBeName && !named };
}

function ofLedger({ dynamodb, ledgerTable: tableName }: Deployment) {
  return { dynamodb, tableName };
}

async function roomsNamed(name: string, deployment: Deployment): Promise<Pick<FoundRequests, 'found' | 'hasMore'>> {
  const found: FoundRequest[] = [];
  for await (const room of findRoomsByName(name, REGIONS, deployment.ivsChat)) {
    if (found.length === MAX_ROOMS) return { found, hasMore: true };
    found.push(foundRoom(room, deployment));
  }
  return { found, hasMore: false };
}

function foundRoom(room: TaggedRoom, deployment: Deployment): FoundRequest {
  const { arn: roomArn, ledgerKey: key } = room;
  const problem = foreignProblem(room, deployment);
  if (key === undefined || problem !== undefined) return { kind: 'foreign', roomArn, problem: problem ?? '' };
  return { kind: 'request', ledgerKey: key, roomArn };
}
