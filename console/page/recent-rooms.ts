import type { PublishedEvent } from '../api/published.ts';

const WINDOW_MS = 60_000;
/** A replay publishes an old outcome again. Its room was not created now. */
const NEWEST_OUTCOME_MS = 60_000;
/** Long enough to even out the jitter of single rooms. */
const RATE_WINDOW_MS = 30_000;
const BUCKET_MS = 5_000;
const MIN_BUCKETS = 12;
const MAX_BUCKETS = 120;

/** The outcomes of the last minute, by the time at which the console received them. */
export interface RecentRooms {
  /** Requests that got a new room, and that failed. */
  created: number;
  failed: number;
  /** New rooms by region and lane: `eu-west-1 bulk`. */
  byLane: ReadonlyMap<string, number>;
  /** New rooms per second over the last half minute, by region. */
  perSecond: ReadonlyMap<string, number>;
}

/** Counts from the newest event backwards, so that the number of older events does not matter. */
export function recentRooms(events: readonly PublishedEvent[], nowMs: number): RecentRooms {
  const byLane = new Map<string, number>();
  const inWindow = new Map<string, number>();
  let [created, failed] = [0, 0];
  for (const { event, receivedAtMs, attributes } of since(events, nowMs - WINDOW_MS)) {
    if (event.type === 'greenroom.room.failed.v1') failed += 1;
    const region = newRoomRegion(event, receivedAtMs);
    if (region === undefined) continue;
    created += 1;
    add(byLane, laneKey(region, attributes.lane ?? ''));
    if (receivedAtMs > nowMs - RATE_WINDOW_MS) add(inWindow, region);
  }
  const perSecond = new Map([...inWindow].map(([region, count]) => [region, (count * 1000) / RATE_WINDOW_MS]));
  return { created, failed, byLane, perSecond };
}

/** New rooms per second in intervals of five seconds, oldest first. */
export interface RoomRates {
  /** The end of each interval, in epoch milliseconds. */
  timesMs: number[];
  byRegion: ReadonlyMap<string, number[]>;
}

/** @param sinceMs since when the console has received events. The rates begin then, but cover one to ten minutes */
export function roomRates(events: readonly PublishedEvent[], nowMs: number, sinceMs = nowMs): RoomRates {
  const endMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS;
  const buckets = Math.min(MAX_BUCKETS, Math.max(MIN_BUCKETS, Math.ceil((endMs - sinceMs) / BUCKET_MS)));
  const fromMs = endMs - buckets * BUCKET_MS;
  const byRegion = new Map<string, number[]>();
  for (const { event, receivedAtMs } of since(events, fromMs)) {
    const region = newRoomRegion(event, receivedAtMs);
    // The current interval has not ended yet.
    if (region === undefined || receivedAtMs >= endMs) continue;
    const rates = byRegion.get(region) ?? Array.from({ length: buckets }, () => 0);
    byRegion.set(region, rates);
    const bucket = Math.floor((receivedAtMs - fromMs) / BUCKET_MS);
    rates[bucket] = (rates[bucket] ?? 0) + 1000 / BUCKET_MS;
  }
  return { timesMs: Array.from({ length: buckets }, (_, index) => fromMs + (index + 1) * BUCKET_MS), byRegion };
}

export function laneKey(region: string, lane: string): string {
  return `${region} ${lane}`;
}

/** The newest events, newest first, back to a time. */
function* since(events: readonly PublishedEvent[], fromMs: number): Generator<PublishedEvent> {
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index];
    if (event === undefined || event.receivedAtMs < fromMs) return;
    yield event;
  }
}

/** The region of a room that was created or adopted now; undefined for any other event. */
function newRoomRegion(event: PublishedEvent['event'], receivedAtMs: number): string | undefined {
  if (event.type !== 'greenroom.room.provisioned.v1') return undefined;
  return receivedAtMs - Date.parse(event.time) < NEWEST_OUTCOME_MS ? event.data.region : undefined;
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
