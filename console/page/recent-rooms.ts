import type { PublishedEvent } from '../api/published.ts';

/** The completions of the last minute. */
export interface RecentRooms {
  /** Requests that got a room, and that failed. */
  total: number;
  failed: number;
  /** Rooms by region and lane: `eu-west-1 bulk`. */
  byLane: ReadonlyMap<string, number>;
}

const WINDOW_MS = 60_000;

/** Counts from the newest event backwards, so that the number of older events does not matter. */
export function recentRooms(events: readonly PublishedEvent[], nowMs: number): RecentRooms {
  const byLane = new Map<string, number>();
  let [total, failed] = [0, 0];
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const published = events[index];
    if (published === undefined || published.receivedAtMs < nowMs - WINDOW_MS) break;
    const { event, attributes } = published;
    if (event.type === 'greenroom.room.failed.v1') failed += 1;
    if (event.type !== 'greenroom.room.provisioned.v1') continue;
    total += 1;
    const lane = laneKey(event.data.region, attributes.lane ?? '');
    byLane.set(lane, (byLane.get(lane) ?? 0) + 1);
  }
  return { total, failed, byLane };
}

export function laneKey(region: string, lane: string): string {
  return `${region} ${lane}`;
}
