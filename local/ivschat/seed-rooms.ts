import { type ActionContext, newIdentity } from './action.ts';

/** Rooms that somebody has made: as many of one name, one after the other from `sinceMs` to `untilMs`. */
export interface RoomSeed {
  region: string;
  name: string;
  count: number;
  sinceMs: number;
  untilMs: number;
}

/** Puts them there without calls, each at its moment, regardless of quotas. */
export function seedRooms(context: ActionContext, { name, count, sinceMs, untilMs }: RoomSeed): void {
  for (let number = 0; number < count; number += 1) {
    const nowMs = Math.floor(sinceMs + ((untilMs - sinceMs) * number) / count);
    const room = {
      ...newIdentity('room', { ...context, nowMs }),
      name,
      maximumMessageRatePerSecond: 10,
      maximumMessageLength: 500,
      tags: {},
      loggingConfigurationIdentifiers: [],
    };
    context.region.rooms.put(room, nowMs);
  }
}
