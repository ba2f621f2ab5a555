import { createRandom } from '../random.ts';
import { type ActionContext, newIdentity } from './action.ts';

/** Rooms of another program: `count` rooms of one name, created one after the other from `sinceMs` to `untilMs`. */
export interface RoomSeed {
  region: string;
  name: string;
  count: number;
  sinceMs: number;
  untilMs: number;
  /** How long after their creation listings show them. Default: drawn, as for every room */
  lagMs?: number;
}

/** Creates them without calls, each at its moment, regardless of quotas. */
export function seedRooms(context: ActionContext, { name, count, sinceMs, untilMs, lagMs }: RoomSeed): void {
  // A separate random source: in a test whose `random` always returns the same value, no id would be free.
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
    else context.region.rooms.restore(room.arn, [{ visibleAtMs: nowMs + lagMs, value: room }]);
  }
}
