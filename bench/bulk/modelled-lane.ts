import type { Region } from '../../lib/contract/regions.ts';
import { type RoomRequest, roomRequestSchema } from '../../lib/contract/room-request.ts';
import { shareOfAgeMs } from '../../lib/platform/waits.ts';

/** A request of the bulk lane. */
interface LaneMessage {
  request: RoomRequest & { region: Region };
  neededByMs: number;
  /** When its region was first found closed. */
  stalledAtMs?: number;
}

export interface Answer {
  request: LaneMessage['request'];
  outcome: 'created' | 'expired';
  atMs: number;
}

export interface LaneSettings {
  nowMs(): number;
  /** "For most standard queues … there can be a maximum of approximately 120,000 inflight messages" */
  inFlightLimit: number;
  roomsPerSecond: number;
  isClosed(region: Region): boolean;
  answer(answer: Answer): void;
}

/**
 * The maximum number of messages that the workers of the bulk lane receive in a second. It is far above the number of rooms that they
 * create.
 */
const RECEIVES_PER_SECOND = 200;

/**
 * A model of the bulk lane and its workers, for the number of messages in flight. The lane delivers messages in the order in which they
 * were sent, which is the worst order if a region is closed. A request takes the next slot of its region, and is in flight until then. A
 * request for a closed region is postponed by a fraction of the time that it has already waited for the region, and is in flight while it
 * is postponed. If as many messages are in flight as SQS allows, no message is delivered.
 */
export function createModelledLane(settings: LaneSettings) {
  const { nowMs, inFlightLimit, roomsPerSecond } = settings;
  let visible: LaneMessage[] = [];
  let head = 0;
  let inFlight = 0;
  let mostInFlight = 0;
  const due = new Map<number, (() => void)[]>();
  const freeAtMs = new Map<Region, number>();

  function at(timeMs: number, run: () => void): void {
    const second = Math.max(Math.ceil(timeMs / 1000), Math.floor(nowMs() / 1000) + 1);
    due.set(second, [...(due.get(second) ?? []), run]);
  }

  function take(message: LaneMessage): void {
    const { request, neededByMs } = message;
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    if (nowMs() > neededByMs) finish(message, 'expired');
    else if (settings.isClosed(request.region)) postpone(message);
    else {
      const slotMs = Math.max(nowMs(), freeAtMs.get(request.region) ?? 0);
      freeAtMs.set(request.region, slotMs + 1000 / roomsPerSecond);
      at(slotMs, () => finish(message, 'created'));
    }
  }

  function postpone(message: LaneMessage): void {
    const stalledAtMs = message.stalledAtMs ?? nowMs();
    const waitMs = shareOfAgeMs(nowMs() - stalledAtMs, () => 0);
    at(nowMs() + waitMs, () => {
      inFlight -= 1;
      visible.push({ ...message, stalledAtMs });
    });
  }

  function finish({ request }: LaneMessage, outcome: Answer['outcome']): void {
    inFlight -= 1;
    settings.answer({ request, outcome, atMs: nowMs() });
  }

  return {
    mostInFlight: () => mostInFlight,
    counts: () => ({ visible: visible.length - head, inFlight }),
    send(body: string): void {
      const { neededBy, region, ...request } = roomRequestSchema.parse(JSON.parse(body));
      if (region === undefined) throw new Error('The reader names the region of each request');
      // Without `neededBy`, a request expires a day after it was sent.
      const neededByMs = neededBy === undefined ? nowMs() + 24 * 3_600_000 : Date.parse(neededBy);
      visible.push({ request: { ...request, region }, neededByMs });
    },
    /** Simulates the work of the workers in one second. */
    tick(): void {
      const second = Math.floor(nowMs() / 1000);
      const now = due.get(second) ?? [];
      due.delete(second);
      for (const run of now) run();
      for (let taken = 0; taken < RECEIVES_PER_SECOND && inFlight < inFlightLimit; taken++) {
        const message = visible[head];
        if (!message) break;
        head += 1;
        take(message);
      }
      if (head > 10_000) {
        visible = visible.slice(head);
        head = 0;
      }
    },
    isIdle: () => visible.length === head && inFlight === 0,
  };
}
