import * as z from 'zod';
import type { NewMessage } from '../simulation/fair-queue.ts';
import type { ChatCall } from './world.ts';

const MINUTE_MS = 60_000;
const OVERDUE_MS = 10 * MINUTE_MS;
const THROTTLED = 429;
const OVER_QUOTA = 402;

const requestSchema = z.object({ idempotencyKey: z.string(), releaseAt: z.string().optional() });

/** Watches the calls to IVS Chat, and compares the lifetime of each room with its release time. */
export function createRoomWatch() {
  /** The release times: by room name for requests that have no room yet, and by ARN for rooms. */
  const wanted = new Map<string, number>();
  const rooms = new Map<string, number>();
  const ended = {
    leastAfterMs: Number.POSITIVE_INFINITY,
    mostAfterMs: Number.NEGATIVE_INFINITY,
    throttled: 0,
    isOverQuota: false,
  };
  const imports = createImportMinutes();
  let day = { created: 0, released: 0, mostRooms: 0, overQuota: 0 };

  function created(name: string, arn: string): void {
    rooms.set(arn, wanted.get(name) ?? Number.POSITIVE_INFINITY);
    wanted.delete(name);
    day.created += 1;
    day.mostRooms = Math.max(day.mostRooms, rooms.size);
  }

  function deleted(arn: string, atMs: number): void {
    const afterMs = atMs - (rooms.get(arn) ?? Number.NaN);
    ended.leastAfterMs = Math.min(ended.leastAfterMs, afterMs);
    ended.mostAfterMs = Math.max(ended.mostAfterMs, afterMs);
    rooms.delete(arn);
    day.released += 1;
  }

  return {
    /** Notes the release times of requests. */
    expect(messages: readonly NewMessage[]): void {
      for (const { body } of messages) {
        const { idempotencyKey, releaseAt } = requestSchema.parse(JSON.parse(body));
        if (releaseAt !== undefined) wanted.set(idempotencyKey, Date.parse(releaseAt));
      }
    },
    importBegins: imports.begin,
    /** Whether IVS Chat has refused to create a room because of the room quota. */
    isOverQuota: () => ended.isOverQuota,
    note({ api, atMs, status, arn = '', name = '' }: ChatCall): void {
      if (status === THROTTLED) ended.throttled += 1;
      if (api === 'CreateRoom') imports.created(name, atMs);
      if (api === 'CreateRoom' && status === OVER_QUOTA) {
        day.overQuota += 1;
        ended.isOverQuota = true;
      }
      if (api === 'CreateRoom' && status === 200) created(name, arn);
      if (api === 'DeleteRoom') imports.deleted(atMs);
      if (api === 'DeleteRoom' && status === 204) deleted(arn, atMs);
    },
    /** The figures since the last call. */
    takeDay() {
      const taken = day;
      day = { created: 0, released: 0, mostRooms: rooms.size, overQuota: 0 };
      return taken;
    },
    result(nowMs: number) {
      const orNull = (ms: number) => (Number.isFinite(ms) ? ms : null);
      return {
        throttled: ended.throttled,
        leastAfterMs: orNull(ended.leastAfterMs),
        mostAfterMs: orNull(ended.mostAfterMs),
        overdue: [...rooms.values()].filter((releaseAtMs) => nowMs - releaseAtMs > OVERDUE_MS).length,
        importMinutes: imports.result(),
      };
    },
  };
}

/** Counts the CreateRoom calls in the whole minutes in which an import waits for its rooms. */
function createImportMinutes() {
  let current: { beganMs: number; left: number; minutes: { creates: number; deletes: number }[] } | undefined;
  const sums = { withReleases: 0, callsWith: 0, without: 0, callsWithout: 0 };

  function minuteAt(atMs: number) {
    if (!current) return undefined;
    const index = Math.floor((atMs - current.beganMs) / MINUTE_MS);
    current.minutes[index] ??= { creates: 0, deletes: 0 };
    return current.minutes[index];
  }

  function end(): void {
    // The import ends during the last minute.
    for (const minute of current?.minutes.slice(0, -1) ?? []) {
      const { creates, deletes } = minute ?? { creates: 0, deletes: 0 };
      sums[deletes > 0 ? 'withReleases' : 'without'] += 1;
      sums[deletes > 0 ? 'callsWith' : 'callsWithout'] += creates;
    }
    current = undefined;
  }

  return {
    begin(rooms: number, nowMs: number): void {
      current = { beganMs: nowMs, left: rooms, minutes: [] };
    },
    created(name: string, atMs: number): void {
      const minute = minuteAt(atMs);
      if (minute) minute.creates += 1;
      if (!current || !name.startsWith('import')) return;
      current.left -= 1;
      if (current.left === 0) end();
    },
    deleted(atMs: number): void {
      const minute = minuteAt(atMs);
      if (minute) minute.deletes += 1;
    },
    result: () => sums,
  };
}
