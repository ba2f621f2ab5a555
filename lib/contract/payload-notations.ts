import { payloadHash } from './keys.ts';
import type { Region } from './regions.ts';
import type { Room } from './room.ts';

/**
 * The hashes of all notations of a payload. An empty member of the room may be left out, or written as an empty list, object or string. Two
 * payloads are the same if the hash of one is among the hashes of the other.
 *
 * The ledger stores the hash of the payload as the sender wrote it. Version 0.1.0 does the same. Each version therefore
 * recognises the items of the other.
 * @returns at most 12 hashes; the first is the `payloadHash` of the payload as it is written
 */
export function payloadHashes({ room, region }: { room: Room; region: Region }): [string, ...string[]] {
  const written = payloadHash({ room, region });
  const others = notationsOf(room).map((notation) => payloadHash({ room: notation, region }));
  return [written, ...others.filter((hash) => hash !== written)];
}

/** The room without its empty members. The value of a tag may be empty: the tag still exists. */
export function withoutEmptyMembers(room: Room): Room {
  const { name, tags, loggingConfigurationIdentifiers, messageReviewHandler = {}, ...others } = room;
  const { uri, ...rest } = messageReviewHandler;
  const handler = { ...(uri && { uri }), ...rest };
  return {
    ...others,
    ...(name && { name }),
    ...(tags && !isEmpty(tags) && { tags }),
    ...(loggingConfigurationIdentifiers?.length && { loggingConfigurationIdentifiers }),
    ...(!isEmpty(handler) && { messageReviewHandler: handler }),
  };
}

function notationsOf(room: Room): Room[] {
  const shortest = withoutEmptyMembers(room);
  const { messageReviewHandler: handler } = shortest;
  const handlers = handler?.uri ? [] : [{ ...handler, uri: '' }, ...(handler ? [] : [{}])];
  return [shortest]
    .flatMap((each) => [each, ...(each.tags ? [] : [{ ...each, tags: {} }])])
    .flatMap((each) => [
      each,
      ...(each.loggingConfigurationIdentifiers ? [] : [{ ...each, loggingConfigurationIdentifiers: [] }]),
    ])
    .flatMap((each) => [each, ...handlers.map((messageReviewHandler) => ({ ...each, messageReviewHandler }))]);
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
