import type { ServiceRequest } from '../service.ts';
import type { OperationName } from './api.ts';

const KEPT_CREATE_ROOM_CALLS = 10_000;

export interface CallCount {
  operation: OperationName;
  region: string;
  /** All calls that arrived, including refused ones. */
  count: number;
  throttled: number;
}

export interface CreateRoomCall {
  region: string;
  arrivedAtMs: number;
  /** The `X-Amz-Date` with which the request was signed. */
  signedAt: string | undefined;
  /** The request's JSON as it arrived. */
  body: string;
  throttled: boolean;
}

export interface CallReport {
  counts: CallCount[];
  /** The newest CreateRoom calls, oldest first. */
  createRoom: CreateRoomCall[];
  /** How many older calls are no longer stored. */
  createRoomDropped: number;
}

export interface Calls {
  arrived(operation: OperationName, request: ServiceRequest, nowMs: number): void;
  /** Records that the call that has just arrived was throttled. */
  throttled(operation: OperationName, region: string): void;
  report(): CallReport;
  clear(): void;
}

/** Records the calls, in bounded memory. */
export function createCalls(): Calls {
  const counts = new Map<string, CallCount>();
  let createRoom: CreateRoomCall[] = [];
  let createRoomDropped = 0;

  function countOf(operation: OperationName, region: string): CallCount {
    const id = `${operation} ${region}`;
    const count = counts.get(id) ?? { operation, region, count: 0, throttled: 0 };
    counts.set(id, count);
    return count;
  }

  return {
    arrived(operation, { region, headers, body }, nowMs) {
      countOf(operation, region).count += 1;
      if (operation !== 'CreateRoom') return;
      const signedAt = headers['x-amz-date'];
      createRoom.push({ region, arrivedAtMs: nowMs, signedAt, body: body.toString('utf8'), throttled: false });
      if (createRoom.length > KEPT_CREATE_ROOM_CALLS) {
        createRoom.shift();
        createRoomDropped += 1;
      }
    },
    throttled(operation, region) {
      countOf(operation, region).throttled += 1;
      const last = createRoom.at(-1);
      if (operation === 'CreateRoom' && last) last.throttled = true;
    },
    report: () => ({
      counts: [...counts.values()].map((count) => ({ ...count })),
      createRoom: [...createRoom],
      createRoomDropped,
    }),
    clear() {
      counts.clear();
      createRoom = [];
      createRoomDropped = 0;
    },
  };
}
