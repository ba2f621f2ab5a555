import { releaseAttributes } from '../contract/completion-attributes.ts';
import {
  type ReleasedEvent,
  releasedEvent,
  releasedEventSchema,
  releaseFailedEvent,
} from '../contract/release-event.ts';
import type { RoomItem } from '../ledger/ledger-item.ts';
import type { StoredWish } from '../ledger/wish.ts';
import { publishEvent } from '../platform/publish-event.ts';
import type { ReleaseRun } from './release-run.ts';

/** The `released` event of a room, in JSON. The mark stores it, so that all copies are identical (rule BODY). */
export function releasedEventOf(
  item: RoomItem,
  wish: StoredWish,
  { nowMs, stage }: { nowMs: number; stage: string },
): string {
  const named = namesOf(item);
  const { room_arn: arn, generation } = item;
  const room = { arn, id: arn.split('/').at(-1) ?? arn, name: named.roomName };
  return JSON.stringify(releasedEvent({ ...named, stage, generation, room, wish, markedAtMs: nowMs }));
}

/**
 * Publishes the event that the mark has stored.
 * @throws the SDK's error if SNS does not accept it. The item then stays in the due index
 */
export async function publishReleased({ released_event: stored = '' }: RoomItem, run: ReleaseRun): Promise<void> {
  const event: ReleasedEvent = releasedEventSchema.parse(JSON.parse(stored));
  await publishEvent(run.services, event, releaseAttributes(event));
}

/**
 * Announces that a room will not be released, because a person has changed its tag.
 * @throws the SDK's error if SNS does not accept the event
 */
export async function publishNotOurs(item: RoomItem, wish: StoredWish, { services }: ReleaseRun): Promise<void> {
  const { clock, config } = services;
  const { stage } = config;
  const event = releaseFailedEvent({ ...namesOf(item), stage, wish, reason: 'not-ours', nowMs: clock.nowMs() });
  await publishEvent(services, event, releaseAttributes(event));
}

/** The facts that the completion states about the room. Items of version 0.1.0 have no tenant, but their completions have one. */
function namesOf({ completion }: RoomItem) {
  if (completion.type !== 'greenroom.room.provisioned.v1') throw new Error('The completion of a room is a failure');
  const { idempotencyKey, tenant, region, room } = completion.data;
  return { idempotencyKey, tenant, region, roomName: room.name ?? '' };
}
