import type { PaceItem, RoomApi } from './pace-item.ts';
import type { NextProbe } from './probe.ts';

/** One call that may be sent at `atMs`, by the worker's own clock. */
export interface Slot {
  kind: 'slot';
  atMs: number;
  /** When it was reserved, in the shared time: tells what was known of the rate then. */
  reservedAtMs: number;
  /** The breaker is open, and this call is to find out whether it may close. */
  probe: boolean;
  /** Of a probe by the schedule: when the next one is due if the region is still closed. */
  next?: NextProbe | undefined;
  item: PaceItem;
}

export type Full = { kind: 'full' /** The next free slot, which lies beyond what was asked for. */; freeAtMs: number };

/** The breaker is open: no calls in this region before then. */
export type Closed = { kind: 'closed'; untilMs: number };

export type Reservation = { kind: 'slots'; slots: Slot[] } | Full | { kind: 'open-breaker'; item: PaceItem };

export interface SlotRequest {
  region: string;
  api: RoomApi;
  /** How many slots are wanted; fewer are given if the others lie beyond `latestMs`. */
  count: number;
  /** The latest slot that is of use, by the worker's own clock. */
  latestMs: number;
}
