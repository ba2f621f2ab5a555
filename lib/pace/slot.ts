import type { CallLane, Paused } from './operator-settings.ts';
import type { PaceItem, RoomApi } from './pace-item.ts';
import type { NextProbe } from './probe.ts';

/** Permission to send one call at `atMs`, by the worker's own clock. */
export interface Slot {
  kind: 'slot';
  atMs: number;
  /** When the slot was reserved, in the shared time. This shows which rate the reservation used. */
  reservedAtMs: number;
  /** Whether the call is a probe: the breaker is open, and the call finds out whether it may close. */
  probe: boolean;
  /** For a probe that changes the schedule: when the next scheduled probe is due if the region is still closed. */
  next?: NextProbe | undefined;
  item: PaceItem;
}

export type Full = {
  kind: 'full';
  /** The next free slot, as far as this worker knows. */
  freeAtMs: number;
};

/** The breaker is open. Times are by the worker's own clock. */
export interface RegionClosed {
  kind: 'region-closed';
  /** When the request may probe. If the room quota is reached, it is at most 15 minutes away: the request should then ask again. */
  untilMs: number;
  /** When the breaker was opened, if that is known. */
  openedAtMs?: number;
}

/** The call is for a bulk job that was stopped, so it must not be sent. */
export interface Stopped {
  kind: 'stopped';
}

export type Reservation = { kind: 'slots'; slots: Slot[] } | Full | Paused | { kind: 'open-breaker'; item: PaceItem };

export interface SlotRequest {
  region: string;
  api: RoomApi;
  /** The lane of the calls. If it is absent, an operator's settings for lanes do not apply to them. */
  lane?: CallLane;
  /** How many slots are wanted. Slots after `latestMs` are not reserved. */
  count: number;
  /** The latest useful slot, by the worker's own clock. */
  latestMs: number;
  /** This worker's turn in the rotation of the bulk lane, if it takes turns and knows its turn. */
  turn?: Turn | undefined;
}

/** When a worker should reserve its next slot for a bulk call. */
export interface Turn {
  /** The slot that this worker should take, by its own clock. */
  slotMs: number;
  /** Whether the rotation contains this worker. If not, it takes the next slot before the worker whose turn that is. */
  isMember: boolean;
  /** How long before the slot the worker should reserve it, in milliseconds. */
  leadMs: number;
}
