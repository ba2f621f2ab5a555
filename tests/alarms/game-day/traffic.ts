import { upload } from '../causes.ts';
import { type Deployment, HOUR_MS, MINUTE_MS } from '../deployment.ts';

const REQUEST_EVERY_MS = 15 * MINUTE_MS;
const EVENT_EVERY_MS = 2 * HOUR_MS;
const EVENT_AHEAD_MS = 3 * HOUR_MS;
const ROOM = { name: 'hall' };
export const EVENT_ROOMS = ['a', 'b'];

export interface SentEvent {
  id: string;
  startsAtMs: number;
}

/** Everything that was sent so far. */
export interface Sent {
  /** The keys of all requests, sent alone or as rows. */
  keys: string[];
  events: SentEvent[];
  /** The number of bulk jobs. */
  jobs: number;
}

export interface Traffic {
  sent: Sent;
  request(queue: 'interactive' | 'bulk', idempotencyKey: string, region?: string): void;
  liveEvent(id: string, startsInMs: number): void;
  /** Uploads a manifest with rows in a region. */
  importRows(name: string, count: number, region: string): void;
  /** Sends no more requests and events. */
  stop(): void;
}

/** Sends a steady stream of requests in both lanes, and of live events. */
export function startTraffic(world: Deployment): Traffic {
  const sent: Sent = { keys: [], events: [], jobs: 0 };
  let isOver = false;

  const traffic: Traffic = {
    sent,
    request(queue, idempotencyKey, region) {
      sent.keys.push(idempotencyKey);
      world.queue(queue).send(JSON.stringify({ idempotencyKey, room: ROOM, region }));
    },
    liveEvent(liveEventId, startsInMs) {
      const startsAtMs = world.time.nowMs() + startsInMs;
      sent.events.push({ id: liveEventId, startsAtMs });
      const rooms = EVENT_ROOMS.map((key) => ({ key, room: ROOM }));
      const event = { liveEventId, revision: 1, startsAt: new Date(startsAtMs).toISOString(), rooms };
      world.queue('live-events').send(JSON.stringify({ type: 'Live Event Scheduled', ...event }));
    },
    importRows(name, count, region) {
      const keys = Array.from({ length: count }, (_, row) => `${name}-${row}`);
      sent.keys.push(...keys);
      sent.jobs += 1;
      upload(world, `${name}.csv`, ['key,region', ...keys.map((key) => `${key},${region}`), ''].join('\n'));
    },
    stop() {
      isOver = true;
    },
  };

  function every(periodMs: number, send: (count: number) => void, count = 0): void {
    if (isOver) return;
    send(count);
    world.time.after(periodMs, () => every(periodMs, send, count + 1));
  }

  every(REQUEST_EVERY_MS, (count) => {
    traffic.request('interactive', `interactive-${count}`);
    traffic.request('bulk', `bulk-${count}`);
  });
  every(EVENT_EVERY_MS, (count) => traffic.liveEvent(`event-${count}`, EVENT_AHEAD_MS));
  return traffic;
}
