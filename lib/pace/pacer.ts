import { createKnownPace, MAX_RACES } from './known-pace.ts';
import { ceilingOf, type Paused } from './operator-settings.ts';
import type { RoomApi } from './pace-item.ts';
import type { PaceTable } from './pace-table.ts';
import { probeSchedule } from './probe-schedule.ts';
import { createProbing, type ProbeRequest } from './probing.ts';
import { createPunctuality } from './punctuality.ts';
import { rateAt } from './rate.ts';
import { rateCut } from './reservation.ts';
import { reserveSlots } from './reserve-slots.ts';
import type { RegionClosed, Reservation, Slot, SlotRequest, Turn } from './slot.ts';
import { createTurns } from './turns.ts';

export interface Pacer {
  /**
   * Whether a call may still be sent in its slot. A late call would be too close to the next one, so it loses its slot and needs another. A
   * worker that is late too often may send anyway (punctuality.ts).
   */
  isPunctual(slot: Slot, step: 'woken' | 'sending'): boolean;
  /** When this worker should reserve its next slot for a bulk call, so that it does not compete with the other workers. */
  turn(region: string, api: RoomApi): Turn | undefined;
  /** Reserves the next free slots with one write, none of them after `latestMs`. */
  reserve(request: SlotRequest): Promise<Reservation>;
  /**
   * Returns `RegionClosed` if a call that has a slot must not be sent, because the region's breaker was opened after the reservation. A
   * worker knows this if it opened the breaker itself, or if the response to one of its writes contained the open breaker. A probe may
   * always be sent. Without `slot`, it returns `RegionClosed` if the breaker is open, with the time at which the request may probe.
   */
  regionClosed(request: Omit<ProbeRequest, 'item'>, slot?: Slot): RegionClosed | undefined;
  /**
   * Returns `RegionClosed` if a call need not try to get a slot, because this worker has just found the region closed and the table does
   * not show it yet. For any other open breaker, which request may probe depends on the table.
   */
  foundClosed(request: Omit<ProbeRequest, 'item'>): RegionClosed | undefined;
  /** Whether a bulk job is known to be stopped. A worker knows this once the response to one of its writes has named the job. */
  isStopped(job: string | undefined): boolean;
  /** Tries to become the probe, the call that finds out whether an open breaker may close. */
  probe(request: ProbeRequest): Promise<Slot | RegionClosed | Paused>;
  /** Lowers the rate of all workers after a call was throttled in its slot, because another program uses the quota too. */
  noteThrottle(place: { region: string; api: RoomApi; reservedAtMs: number }): Promise<void>;
  /** The current rate in calls a second, as far as this worker knows. */
  rate(region: string, api: RoomApi): number;
}

export interface PacerSettings {
  /** The account's quota, or a share of it. An operator may set another rate (operator-settings.ts). */
  callsPerSecond: number;
  probeScheduleSeconds: readonly number[];
  /** Chooses this worker's seats in the rotation; by default `Math.random`. */
  random?(): number;
  /** Called after the next free slot was reset to the present. Only a wrong clock can have moved it that far ahead. */
  onPulledBack?(region: string, api: RoomApi): void;
}

/** How long before its slot a call is prepared. The preparation takes one write to DynamoDB. The figures are in docs/decisions/0017. */
export const PREPARATION_MS = 100;

/**
 * Paces all workers of the deployment to the quota (GCRA). They reserve slots on one item per region and API. A reservation normally takes
 * one conditional write, which moves the next free slot ahead. The form of the write depends on the state of the item, which the pacer
 * infers from the last response.
 */
export function createPacer(table: PaceTable, settings: PacerSettings): Pacer {
  const { time } = table;
  const ceiling = settings.callsPerSecond;
  // Half an interval. The other half allows for delays after the clock was last read.
  const toleranceMs = (callsPerSecond: number) => 500 / callsPerSecond;
  // After an idle period, the slot of the first call is the present. The call is sent once it is prepared, so it is late: by the
  // preparation time, or by more, up to the tolerance. The next calls are in time, so their slots are moved back by this distance.
  const headStartMs = (callsPerSecond: number) => Math.max(toleranceMs(callsPerSecond), PREPARATION_MS);
  const pace = createKnownPace(table);
  const turns = createTurns(pace, time, {
    ceiling,
    preparationMs: PREPARATION_MS,
    // The simulation replaces Math.random later.
    random: settings.random ?? (() => Math.random()),
  });
  const reserving = {
    pace,
    time,
    turns,
    ceiling,
    headStartMs,
    earlyMs: toleranceMs,
    preparationMs: PREPARATION_MS,
    onPulledBack: settings.onPulledBack,
  };
  return {
    ...createProbing(table, { pace, ceiling, scheduleMs: probeSchedule(settings.probeScheduleSeconds) }),
    isPunctual: createPunctuality(time, ({ item }) => toleranceMs(ceilingOf(item, ceiling))),
    reserve: (request) => reserveSlots(request, reserving),
    isStopped: table.stops.has,
    turn: turns.next,
    rate(region, api) {
      const seen = pace.seenAt(region, api);
      return rateAt(seen, time.nowMs(), ceilingOf(seen, ceiling));
    },

    async noteThrottle({ region, api, reservedAtMs }) {
      for (let race = 0; race < MAX_RACES; race++) {
        const seen = pace.seenAt(region, api);
        // If the slot was reserved before the last cut or change of a ceiling, the throttle says nothing about the current rate.
        if (seen.rate_at !== undefined && seen.rate_at >= reservedAtMs) return;
        const { written } = await pace.update(region, api, rateCut(seen, time.nowMs(), ceilingOf(seen, ceiling)));
        if (written) return;
      }
    },
  };
}
