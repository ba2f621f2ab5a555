import { payloadHashes } from '../../lib/contract/payload-notations.ts';
import { regionNamed } from '../../lib/contract/regions.ts';
import { type ProvisionedRoom, type Room, roomSchema } from '../../lib/contract/room.ts';
import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';

const OPTIONAL = [
  'name',
  'maximumMessageRatePerSecond',
  'maximumMessageLength',
  'messageReviewHandler',
  'tags',
  'loggingConfigurationIdentifiers',
] as const;
const GREENROOM_TAG = 'greenroom:';

/**
 * Rebuilds the room that the request of a key specified, from the completion. The ledger does not store requests, but it stores a hash of
 * what each one requested. The room in the completion has all members, whereas the request may have left out members with default values.
 * The hash shows which members the request specified.
 * @returns undefined if the hash confirms no combination, for example because the request failed
 */
export function rebuildRoom(item: LedgerItem): Room | undefined {
  const region = regionNamed(item.region);
  const { payload_hash: stored, decision } = item;
  if (region === undefined || stored === undefined) return undefined;
  const made =
    decision === 'room' && item.completion.data.outcome !== 'failed' ? requestedOf(item.completion.data.room) : {};
  return subsetsOf(made).find((room) => payloadHashes({ room, region }).includes(stored));
}

/** Those members of a room that a request may specify. The tags of greenroom itself are left out. */
function requestedOf({ tags = {}, ...room }: ProvisionedRoom): Room {
  const own = Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith(GREENROOM_TAG)));
  const given = Object.entries({ ...room, tags: own }).filter(([name]) => OPTIONAL.some((each) => each === name));
  return roomSchema.safeParse(Object.fromEntries(given)).data ?? {};
}

function subsetsOf(room: Room): Room[] {
  return OPTIONAL.reduce<Room[]>(
    (subsets, name) =>
      room[name] === undefined ? subsets : subsets.flatMap((each) => [each, ...withMember(each, room, name)]),
    [{}],
  );
}

/** IVS Chat adds the default of `fallbackResult` to a handler. */
function withMember(subset: Room, room: Room, name: (typeof OPTIONAL)[number]): Room[] {
  const whole = { ...subset, [name]: room[name] };
  const uri = room.messageReviewHandler?.uri;
  if (name !== 'messageReviewHandler' || uri === undefined) return [whole];
  return [whole, { ...subset, messageReviewHandler: { uri } }];
}
