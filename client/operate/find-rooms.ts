import {
  GetRoomCommand,
  type GetRoomCommandOutput,
  type IvschatClient,
  ListRoomsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-ivschat';
import { REGIONS, type Region } from '../../lib/contract/regions.ts';
import { KEY_TAG, STAGE_TAG } from '../../lib/ledger/room-tags.ts';
import { UserError } from '../user-error.ts';

/** A room, and the ledger key in its tags. */
export interface TaggedRoom {
  arn: string;
  /** Undefined if greenroom did not create the room. */
  ledgerKey: string | undefined;
  /** The tag of the deployment that created the room. It contains the stage and region, or, up to version 0.1.0, only the stage. */
  stage: string | undefined;
}

type IvsChatOf = (region: Region) => IvschatClient;

const ROOM_ARN = /^arn:[^:]+:ivschat:([^:]+):\d{12}:room\/\w+$/;

export function isRoomArn(text: string): boolean {
  return ROOM_ARN.test(text);
}

/** Reads the tags of one room. @throws UserError if there is no such room */
export async function findRoomByArn(arn: string, ivsChat: IvsChatOf): Promise<TaggedRoom> {
  const room = await getRoom(arn, ivsChat);
  if (room === undefined)
    throw new UserError(`There is no room ${arn} in this account: it was deleted, or it belongs to another account`);
  return toTaggedRoom(arn, room.tags);
}

/** Whether IVS Chat still has a room. @throws IVS Chat's error; UserError if the ARN names a region without IVS Chat */
export async function roomExists(arn: string, ivsChat: IvsChatOf): Promise<boolean> {
  return (await getRoom(arn, ivsChat)) !== undefined;
}

async function getRoom(arn: string, ivsChat: IvsChatOf): Promise<GetRoomCommandOutput | undefined> {
  const name = ROOM_ARN.exec(arn)?.[1];
  const region = REGIONS.find((each) => each === name);
  if (region === undefined)
    throw new UserError(`IVS Chat is not available in ${name}: the ARN must name one of ${REGIONS.join(', ')}`);
  try {
    return await ivsChat(region).send(new GetRoomCommand({ identifier: arn }));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Finds the rooms with the given name, region by region, with one ListRooms call per page. */
export async function* findRoomsByName(
  name: string,
  regions: readonly Region[],
  ivsChat: IvsChatOf,
): AsyncGenerator<TaggedRoom> {
  for (const region of regions) {
    let nextToken: string | undefined;
    do {
      const page = await ivsChat(region).send(new ListRoomsCommand({ name, nextToken, maxResults: 50 }));
      for (const { arn = '', name: found, tags } of page.rooms ?? []) if (found === name) yield toTaggedRoom(arn, tags);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
}

function toTaggedRoom(arn: string, tags: Record<string, string> = {}): TaggedRoom {
  return { arn, ledgerKey: tags[KEY_TAG], stage: tags[STAGE_TAG] };
}
