import type { Lane } from '../contract/lanes.ts';
import type { SharedTime } from '../platform/shared-time.ts';
import type { KnownPace } from './known-pace.ts';
import { ceilingOf, inOwnTime, isNotPaused, type Paused, pausedNow } from './operator-settings.ts';
import type { PaceItem, RoomApi } from './pace-item.ts';
import type { PaceTable } from './pace-table.ts';
import { planProbe, probeAgain } from './plan-probe.ts';
import { mayProbeAtMs, type Prober } from './probe.ts';
import { MAX_QUOTA_INTERVAL_MS, type ProbeSchedule } from './probe-schedule.ts';
import { rateAt } from './rate.ts';
import type { RegionClosed, Slot } from './slot.ts';

/** A request that may become the probe. Its times are in the worker's own time. */
export interface ProbeRequest extends Prober {
  region: string;
  api: RoomApi;
  /** A request of a paused lane does not probe. */
  lane?: Lane;
  /** The slot of the request's own last probe, if that probe had no result. The request may then probe again. */
  heldProbe?: Slot | undefined;
  /** The pace item as it was last seen. */
  item: PaceItem;
}

/** The functions of `Pacer` that concern an open breaker. */
export interface Probing {
  regionClosed(request: Omit<ProbeRequest, 'item'>, slot?: Slot): RegionClosed | undefined;
  foundClosed(request: Omit<ProbeRequest, 'item'>): RegionClosed | undefined;
  probe(request: ProbeRequest): Promise<Slot | RegionClosed | Paused>;
}

export interface ProbingSettings {
  pace: KnownPace;
  /** The highest rate, in calls a second, unless an operator has set another one. */
  ceiling: number;
  scheduleMs: ProbeSchedule;
}

export function createProbing({ time, breakers }: PaceTable, settings: ProbingSettings): Probing {
  const { pace, ceiling, scheduleMs } = settings;

  /** When the request may probe or should ask again: now, if the breaker was closed in the meantime. */
  function closedFor(prober: Prober, item: PaceItem): RegionClosed {
    const nowMs = time.nowMs();
    const mayProbeMs =
      item.open_until === undefined ? nowMs : mayProbeAtMs(item, inSharedTime(prober, time), scheduleMs);
    // The key that opened the breaker may probe later than others. However, if rooms are released before then, this key may be the only one
    // that waits.
    const untilMs = item.open_reason === 'quota' ? Math.min(mayProbeMs, nowMs + MAX_QUOTA_INTERVAL_MS) : mayProbeMs;
    const { opened_at: openedAtMs } = item;
    const since = openedAtMs === undefined ? {} : { openedAtMs: time.toOwnMs(openedAtMs) };
    return { kind: 'region-closed', untilMs: time.toOwnMs(Math.max(nowMs, untilMs)), ...since };
  }

  return {
    regionClosed({ region, api, lane: _, ...prober }, slot) {
      const item = api === 'CreateRoom' && !slot?.probe ? breakers.openItem(region, time.nowMs()) : undefined;
      return item && closedFor(prober, item);
    },

    foundClosed({ region, api, lane: _, ...prober }) {
      const item = api === 'CreateRoom' ? breakers.stoppedItem(region, time.nowMs()) : undefined;
      return item && closedFor(prober, item);
    },

    async probe({ region, api, lane, item, heldProbe, ...prober }) {
      const nowMs = time.nowMs();
      const shared = inSharedTime(prober, time);
      const paused = pausedNow(item, lane, nowMs);
      if (paused) return inOwnTime(paused, time);
      if (!heldProbe && nowMs < mayProbeAtMs(item, shared, scheduleMs)) return closedFor(prober, item);
      const times = { nowMs, freeAtMs: nowMs + 1000 / rateAt(item, nowMs, ceilingOf(item, ceiling)) };
      const { write, next } = heldProbe
        ? { write: probeAgain(item, shared, times, scheduleMs), next: heldProbe.next }
        : planProbe(item, shared, times, scheduleMs);
      const condition = lane === undefined ? write.condition : `${write.condition} AND ${isNotPaused(lane)}`;
      const { written, item: after } = await pace.update(region, api, { ...write, condition });
      if (!written) {
        const pausedSince = pausedNow(after, lane, nowMs);
        return pausedSince ? inOwnTime(pausedSince, time) : closedFor(prober, after);
      }
      return { kind: 'slot', atMs: time.toOwnMs(nowMs), reservedAtMs: nowMs, probe: true, next, item: after };
    },
  };
}

function inSharedTime({ neededByMs, waitsSinceMs, ...prober }: Prober, time: SharedTime): Prober {
  return {
    ...prober,
    neededByMs: neededByMs && time.toSharedMs(neededByMs),
    waitsSinceMs: waitsSinceMs && time.toSharedMs(waitsSinceMs),
  };
}
