import type { PublishedEvent } from '../api/published.ts';

const WINDOW_MS = 60_000;
/** A replay publishes an old outcome again. A room whose outcome was decided longer ago than this is therefore not a new room. */
const NEWEST_OUTCOME_MS = 60_000;
/** Long enough to even out the jitter of single rooms. */
const RATE_WINDOW_MS = 30_000;
const BUCKET_MS = 5_000;
const MIN_BUCKETS = 12;
const MAX_BUCKETS = 120;

/** The outcomes of the last minute, by the time at which the console received them. */
export interface RecentRooms {
  /** The number of requests that got a new room, and of those that failed. */
  created: number;
  failed: number;
  /** New rooms by region and lane: `eu-west-1 bulk`. */
  byLane: ReadonlyMap<string, number>;
  /** New rooms per second over the last half minute, by region. */
  perSecond: ReadonlyMap<string, number>;
}

export function recentRooms(events: readonly PublishedEvent[], nowMs: number): RecentRooms {
  const fromMs = nowMs - WINDOW_MS;
  const byLane = new Map<string, number>();
  const inWindow = new Map<string, number>();
  const created = newRooms(events, fromMs);
  for (const { region, lane, receivedAtMs } of created) {
    add(byLane, laneKey(region, lane));
    if (receivedAtMs > nowMs - RATE_WINDOW_MS) add(inWindow, region);
  }
  const failed = since(events, fromMs).filter(({ event }) => event.type === 'greenroom.room.failed.v1').length;
  const perSecond = new Map([...inWindow].map(([region, count]) => [region, (count * 1000) / RATE_WINDOW_MS]));
  return { created: created.length, failed, byLane, perSecond };
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
  for (const { region, receivedAtMs } of newRooms(events, fromMs)) {
    // The current interval has not ended yet.
    if (receivedAtMs >= endMs) continue;
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

interface NewRoom {
  region: string;
  lane: string;
  receivedAtMs: number;
}

/** The rooms that were created or adopted since a time, oldest first. */
function newRooms(events: readonly PublishedEvent[], fromMs: number): NewRoom[] {
  const seen = new Set<string>();
  return since(events, fromMs).flatMap(({ event, receivedAtMs, attributes: { lane = '' } }) => {
    if (event.type !== 'greenroom.room.provisioned.v1') return [];
    // All copies of a completion have the same id. The first copy of an older room is recognised by its time.
    const isReplay = seen.has(event.id) || receivedAtMs - Date.parse(event.time) > NEWEST_OUTCOME_MS;
    seen.add(event.id);
    return isReplay ? [] : [{ region: event.data.region, lane, receivedAtMs }];
  });
}

/** The events since a time. The search begins at the newest event, so that the number of older ones does not matter. */
function since(events: readonly PublishedEvent[], fromMs: number): readonly PublishedEvent[] {
  return events.slice(events.findLastIndex(({ receivedAtMs }) => receivedAtMs < fromMs) + 1);
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
