import { createKnownPace, MAX_RACES } from './known-pace.ts';
import type { RoomApi } from './pace-item.ts';
import type { PaceTable } from './pace-table.ts';
import { probeSchedule } from './probe.ts';
import { createProbing, type ProbeRequest } from './probing.ts';
import { createPunctuality } from './punctuality.ts';
import { rateAt } from './rate.ts';
import { rateCut } from './reservation.ts';
import { reserveSlots } from './reserve-slots.ts';
import type { Closed, Reservation, Slot, SlotRequest } from './slot.ts';

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
  const pace = createKnownPace(table);
  const reserving = { pace, time, ceiling, headStartMs, onPulledBack: settings.onPulledBack };
  return {
    ...createProbing(table, { pace, ceiling, scheduleMs: probeSchedule(settings.probeScheduleSeconds) }),
    isPunctual: createPunctuality(time, toleranceMs),
    reserve: (request) => reserveSlots(request, reserving),
    rate: (region, api) => rateAt(pace.seenAt(region, api), time.nowMs(), ceiling),

    async noteThrottle({ region, api, reservedAtMs }) {
      for (let race = 0; race < MAX_RACES; race++) {
        const seen = pace.seenAt(region, api);
        // Reserved before the last cut, it says nothing of the rate since.
        if (seen.rate_at !== undefined && seen.rate_at >= reservedAtMs) return;
        const { written } = await pace.update(region, api, rateCut(seen, time.nowMs(), ceiling));
        if (written) return;
      }
    },
  };
}
