import type { PaceItem, PaceTable, PaceUpdate, RoomApi } from './pace-item.ts';
import { mayProbeAtMs, type NextProbe, type Prober, planProbe, probeAgain, probeSchedule } from './probe.ts';
import { rateAt } from './rate.ts';
import { countThatFits, isIdle, pullBack, rateCut, reservation, type Wanted } from './reservation.ts';

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

/** A request that would like to be the probe; its times are by the worker's own clock. */
export interface ProbeRequest extends Prober {
  region: string;
  api: RoomApi;
  /** Its own probe, which has just come to nothing: it is still its turn. */
  heldProbe?: Slot | undefined;
  /** As the breaker was last seen. */
  item: PaceItem;
}

export interface Pacer {
  /**
   * Whether a call may still be sent in its slot. If not, it comes so late that it would be too close to the next worker's:
   * its slot is lost, and it needs another one. A worker that is late too often is taken as it is.
   */
  isPunctual(slot: Slot, moment: 'woken' | 'sending'): boolean;
  /** Reserves the next free slots with one write; none beyond `latestMs`. */
  reserve(request: SlotRequest): Promise<Reservation>;
  /**
   * Whether a call that holds its slot must not be sent, because the region's breaker was opened since: by this worker, or by
   * another one as the answer to any write of this one told. A probe may. Without a slot: when the request may probe next.
   */
  closed(request: Omit<ProbeRequest, 'item'>, slot?: Slot): Closed | undefined;
  /**
   * Whether a call need not ask for a slot: this worker has just found its region closed, and the table does not tell yet. Any
   * other open breaker the table tells of, and lets it be probed.
   */
  stopped(request: Omit<ProbeRequest, 'item'>): Closed | undefined;
  /** Asks to be the call that finds out whether an open breaker may close. */
  probe(request: ProbeRequest): Promise<Slot | Closed>;
  /** A call was throttled although it kept its slot: somebody else uses the quota. Lowers the rate of all workers at once. */
  noteThrottle(place: { region: string; api: RoomApi; reservedAtMs: number }): Promise<void>;
  /** The present rate in calls a second, as far as this worker knows. */
  rate(region: string, api: RoomApi): number;
}

export interface PacerSettings {
  /** The account's quota. */
  callsPerSecond: number;
  probeScheduleSeconds: readonly number[];
  /** Told of a stored moment so far ahead that a wrong clock must have written it. */
  onPulledBack?(region: string, api: RoomApi): void;
}

/** How long before its slot a call gets ready, which takes it a write to DynamoDB. The figures are in docs/decisions/0017. */
export const PREPARATION_MS = 100;

const MAX_RACES = 5;
// How many slots a worker may lose, which is what happens until its code is warm; and what each punctual call gives back. On a
// machine that is slow all the time no more than a fiftieth of the quota is lost.
const MOST_PATIENCE = 3;
const PATIENCE_PER_CALL = 0.02;
// No slot is reserved further ahead than a function may run (15 minutes).
const LONGEST_AHEAD_MS = 16 * 60_000;
const NOT_SEEN: PaceItem = { free_at: 0, open_step: 0 };

/**
 * Paces all workers of the deployment to the quota, by reserving slots on one item per region and API (GCRA): a reservation
 * moves the next free moment on and returns where it stood. Normally that is one conditional write; which form it must have
 * depends on what the item holds, which is guessed from the last answer.
 */
export function createPacer(table: PaceTable, settings: PacerSettings): Pacer {
  const { time } = table;
  const ceiling = settings.callsPerSecond;
  // Half an interval: the other half is for what comes after the last look at the clock.
  const toleranceMs = 500 / ceiling;
  // After idleness the first call goes at once: late by its reservation and its preparation, or as late as it may be. The next
  // ones are not, so they keep this much more distance.
  const headStartMs = Math.max(toleranceMs, PREPARATION_MS);
  const lastSeen = new Map<string, PaceItem>();
  const scheduleMs = probeSchedule(settings.probeScheduleSeconds);
  let patience = MOST_PATIENCE;
  const seenAt = (region: string, api: RoomApi) => lastSeen.get(`${region}#${api}`) ?? NOT_SEEN;

  async function update(region: string, api: RoomApi, change: PaceUpdate) {
    const result = await table.update(region, api, change);
    lastSeen.set(`${region}#${api}`, result.item);
    return result;
  }

  const inSharedTime = ({ neededByMs, waitsSinceMs, ...prober }: Prober): Prober => ({
    ...prober,
    neededByMs: neededByMs && time.toSharedMs(neededByMs),
    waitsSinceMs: waitsSinceMs && time.toSharedMs(waitsSinceMs),
  });

  /** Until the request may probe; at once if it might by now, or if the breaker was closed in the meantime. */
  function closedFor(prober: Prober, item: PaceItem): Closed {
    const nowMs = time.nowMs();
    const untilMs = item.open_until === undefined ? nowMs : mayProbeAtMs(item, inSharedTime(prober), scheduleMs);
    return { kind: 'closed', untilMs: time.toOwnMs(Math.max(nowMs, untilMs)) };
  }

  return {
    isPunctual({ atMs, probe }, moment) {
      const lateMs = time.nowMs() - time.toSharedMs(atMs);
      if (probe || lateMs <= toleranceMs) {
        if (moment === 'sending') patience = Math.min(MOST_PATIENCE, patience + PATIENCE_PER_CALL);
        return true;
      }
      if (patience < 1) return true;
      patience -= 1;
      return false;
    },

    async reserve(request) {
      const { region, api, latestMs } = request;
      for (let race = 0; race < MAX_RACES; race++) {
        const seen = seenAt(region, api);
        const nowMs = time.nowMs();
        const tooFarMs = nowMs + LONGEST_AHEAD_MS;
        if (seen.free_at > tooFarMs) {
          const { written } = await update(region, api, pullBack(nowMs, tooFarMs));
          if (written) settings.onPulledBack?.(region, api);
          continue;
        }
        const intervalMs = 1000 / rateAt(seen, nowMs, ceiling);
        const wanted = { count: request.count, nowMs, intervalMs, headStartMs, latestMs: time.toSharedMs(latestMs) };
        const count = countThatFits(seen, wanted);
        if (count === 0) break;
        const { written, item } = await update(region, api, reservation(seen, { ...wanted, count }));
        if (written) return { kind: 'slots', slots: slotsOf(seen, item, { ...wanted, count }) };
        if (item.open_until !== undefined) return { kind: 'open-breaker', item };
      }
      return { kind: 'full', freeAtMs: time.toOwnMs(Math.max(time.nowMs(), seenAt(region, api).free_at)) };
    },

    closed({ region, api, ...prober }, slot) {
      const item = api === 'CreateRoom' && !slot?.probe ? table.breakers.openItem(region, time.nowMs()) : undefined;
      return item && closedFor(prober, item);
    },

    stopped({ region, api, ...prober }) {
      const item = api === 'CreateRoom' ? table.breakers.stoppedItem(region, time.nowMs()) : undefined;
      return item && closedFor(prober, item);
    },

    async probe({ region, api, item, heldProbe, ...prober }) {
      const nowMs = time.nowMs();
      const shared = inSharedTime(prober);
      if (!heldProbe && nowMs < mayProbeAtMs(item, shared, scheduleMs)) return closedFor(prober, item);
      const moments = { nowMs, freeAtMs: nowMs + 1000 / rateAt(item, nowMs, ceiling) };
      const { write, next } = heldProbe
        ? { write: probeAgain(item, shared, moments, scheduleMs), next: heldProbe.next }
        : planProbe(item, shared, moments, scheduleMs);
      const { written, item: after } = await update(region, api, write);
      if (!written) return closedFor(prober, after);
      return { kind: 'slot', atMs: time.toOwnMs(nowMs), reservedAtMs: nowMs, probe: true, next, item: after };
    },

    async noteThrottle({ region, api, reservedAtMs }) {
      for (let race = 0; race < MAX_RACES; race++) {
        const seen = seenAt(region, api);
        // Reserved before the last cut, it says nothing of the rate since.
        if (seen.rate_at !== undefined && seen.rate_at >= reservedAtMs) return;
        const { written } = await update(region, api, rateCut(seen, time.nowMs(), ceiling));
        if (written) return;
      }
    },

    rate: (region, api) => rateAt(seenAt(region, api), time.nowMs(), ceiling),
  };

  function slotsOf(seen: PaceItem, item: PaceItem, { count, nowMs, intervalMs }: Wanted): Slot[] {
    const moments = Array.from({ length: count }, (_, place) => item.free_at - (count - place) * intervalMs);
    // Nothing is gained by holding back the one that has the head start.
    if (isIdle(seen, nowMs)) moments[0] = nowMs;
    return moments.map((ms) => ({ kind: 'slot', atMs: time.toOwnMs(ms), reservedAtMs: nowMs, probe: false, item }));
  }
}
