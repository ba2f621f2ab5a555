import { liveEventRoomKey } from '../../lib/contract/live-event.ts';
import type { Waiting } from '../../lib/platform/backoff.ts';
import type { Deployment } from '../deployment.ts';
import type { EventRoom } from './live-event-rooms.ts';
import { readRoomReleases } from './release/read-room-releases.ts';
import type { NamedKey, RoomRelease } from './release/room-release.ts';

/**
 * A room of a live event, and its release according to the ledger. The release is absent if the room was not requested, or if the ledger
 * was not read.
 */
export interface ReleasedEventRoom extends EventRoom {
  release?: RoomRelease;
}

/**
 * Adds the present release state to each requested room, because the rosters of an event do not change when its rooms are released. Needs
 * `dynamodb:BatchGetItem` on the ledger. Without this permission, nothing is added, because the rest is still useful.
 * @throws other errors of `batchGet`
 */
export async function withReleases(
  liveEventId: string,
  rooms: readonly EventRoom[],
  deployment: Pick<Deployment, 'dynamodb' | 'ledgerTable'>,
  waiting: Waiting,
): Promise<ReleasedEventRoom[]> {
  const keyOf = ({ key }: EventRoom) => liveEventRoomKey(liveEventId, key);
  const requested = rooms.filter(({ state }) => state !== 'not requested').map(keyOf);
  const releases = new Map<string, RoomRelease>();
  try {
    for await (const release of readRoomReleases(deployment, named(requested), waiting))
      releases.set(release.key, release);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AccessDeniedException')) throw error;
  }
  return rooms.map((room) => {
    const release = releases.get(keyOf(room));
    return release === undefined ? room : { ...room, release };
  });
}

async function* named(keys: readonly string[]): AsyncGenerator<NamedKey> {
  for (const key of keys) yield { key };
}
