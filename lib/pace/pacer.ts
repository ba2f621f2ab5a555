import { createKnownPace, MAX_RACES } from './known-pace.ts';
import { ceilingOf, type Paused } from './operator-settings.ts';
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
   * Whether a call may still be sent in its slot. If not, it is so late that it would be too close to the next call. It has then lost its
   * slot and needs another one. A worker that is late too often may send anyway (punctuality.ts).
   */
  isPunctual(slot: Slot, moment: 'woken' | 'sending'): boolean;
  /** Reserves the next free slots with one write, none of them after `latestMs`. */
  reserve(request: SlotRequest): Promise<Reservation>;
  /**
   * Present if a call that holds its slot must not be sent, because the region's breaker was opened after the reservation. This worker
   * opened it, or learned of it from the answer to one of its writes. A probe may always be sent. Without a slot: when the request may
   * probe next.
   */
  closed(request: Omit<ProbeRequest, 'item'>, slot?: Slot): Closed | undefined;
  /**
   * Present if a call need not try to get a slot, because this worker has just found its region closed and the table does not say so yet.
   * For any other open breaker, the table decides who may probe.
   */
  stopped(request: Omit<ProbeRequest, 'item'>): Closed | undefined;
  /** Tries to become the probe, the call that finds out whether an open breaker may close. */
  probe(request: ProbeRequest): Promise<Slot | Closed | Paused>;
  /** Lowers the rate of all workers at once, after a call was throttled in its slot: another program uses the quota. */
  noteThrottle(place: { region: string; api: RoomApi; reservedAtMs: number }): Promise<void>;
  /** The present rate in calls a second, as far as this worker knows. */
  rate(region: string, api: RoomApi): number;
}

export interface PacerSettings {
  /** The account's quota, or a share of it. An operator may set another rate (operator-settings.ts). */
  callsPerSecond: number;
  probeScheduleSeconds: readonly number[];
  /** Called when a stored moment was so far ahead that a wrong clock must have written it, and was pulled back. */
  onPulledBack?(region: string, api: RoomApi): void;
}

/** How long before its slot a call is prepared, which takes one write to DynamoDB. The figures are in docs/decisions/0017. */
export const PREPARATION_MS = 100;

/**
 * Paces all workers of the deployment to the quota (GCRA). They reserve slots on one item per region and API: a reservation advances the
 * next free moment and returns its former value. Normally that is one conditional write. Its form depends on the state of the item, which
 * the pacer guesses from the last answer.
 */
export function createPacer(table: PaceTable, settings: PacerSettings): Pacer {
  const { time } = table;
  const ceiling = settings.callsPerSecond;
  // Half an interval. The other half is for delays after the last look at the clock.
  const toleranceMs = (callsPerSecond: number) => 500 / callsPerSecond;
  // After idleness the first call is sent at once: late by its reservation and its preparation, or as late as the tolerance allows.
  // The next calls are not late, so they keep this much extra distance from it.
  const headStartMs = (callsPerSecond: number) => Math.max(toleranceMs(callsPerSecond), PREPARATION_MS);
  const pace = createKnownPace(table);
  const reserving = { pace, time, ceiling, headStartMs, onPulledBack: settings.onPulledBack };
  return {
    ...createProbing(table, { pace, ceiling, scheduleMs: probeSchedule(settings.probeScheduleSeconds) }),
    isPunctual: createPunctuality(time, ({ item }) => toleranceMs(ceilingOf(item, ceiling))),
    reserve: (request) => reserveSlots(request, reserving),
    rate(region, api) {
      const seen = pace.seenAt(region, api);
      return rateAt(seen, time.nowMs(), ceilingOf(seen, ceiling));
    },

    async noteThrottle({ region, api, reservedAtMs }) {
      for (let race = 0; race < MAX_RACES; race++) {
        const seen = pace.seenAt(region, api);
        // The slot was reserved before the last cut, so the throttle says nothing about the rate since.
        if (seen.rate_at !== undefined && seen.rate_at >= reservedAtMs) return;
        const { written } = await pace.update(region, api, rateCut(seen, time.nowMs(), ceilingOf(seen, ceiling)));
        if (written) return;
      }
    },
  };
}
