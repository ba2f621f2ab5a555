import { createRandom } from '../random.ts';
import { type ActionContext, newIdentity } from './action.ts';

/** `count` rooms of one name, as another program would have created them one after the other from `sinceMs` to `untilMs`. */
export interface RoomSeed {
  region: string;
  name: string;
  count: number;
  sinceMs: number;
  untilMs: number;
  /** How long after their creation listings show them. Default: a random time for each, as for every room */
  lagMs?: number;
}

/** Creates the rooms without calls and regardless of quotas, each with its own creation time. */
export function seedRooms(context: ActionContext, { name, count, sinceMs, untilMs, lagMs }: RoomSeed): void {
  // A separate random source: a test's `random` may always return the same value, and all ids would collide.
  const random = createRandom(context.region.rooms.count() + 1);
  for (let number = 0; number < count; number += 1) {
    const nowMs = Math.floor(sinceMs + ((untilMs - sinceMs) * number) / count);
    const room = {
      ...newIdentity('room', { ...context, nowMs, random }),
      name,
      maximumMessageRatePerSecond: 10,
      maximumMessageLength: 500,
      tags: {},
      loggingConfigurationIdentifiers: [],
    };
    if (lagMs === undefined) context.region.rooms.put(room, nowMs);
    else context.region.rooms.restore(room.arn, { versions: [{ visibleAtMs: nowMs + lagMs, value: room }] });
  }
}
