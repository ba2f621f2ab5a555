import type { PaceItem, PaceTable, RoomApi } from './pace-item.ts';

export type Reservation =
  /** The call may be sent at `atMs`. `probe`: the breaker is open, and this call is to find out whether it may close. */
  | { kind: 'slot'; atMs: number; probe: boolean; item: PaceItem }
  /** The next free slot lies beyond what was asked for. */
  | { kind: 'full'; freeAtMs: number }
  /** The breaker is open: no calls in this region before then. */
  | { kind: 'closed'; untilMs: number };

export interface SlotRequest {
  region: string;
  api: RoomApi;
  ledgerKey: string;
  nowMs: number;
  /** The latest slot that is of use. */
  latestMs: number;
}

export interface Pacer {
  /** Reserves the next free slot; nothing is reserved beyond `latestMs`. */
  reserve(request: SlotRequest): Promise<Reservation>;
  /** After a throttle (somebody else uses the quota): nobody sends for a moment. */
  holdBack(region: string, api: RoomApi, nowMs: number): Promise<void>;
}

// A throttled call has shown the bucket to be empty: let five slots' worth of it refill.
const HOLD_BACK_MS = 1_000;
const MAX_RACES = 5;

/**
 * Paces all workers of the deployment to the quota, by reserving slots on one item per region and API (GCRA): a reservation
 * moves the next free moment on by one interval and returns where it stood. Normally that is one conditional write; which of
 * two forms it must have depends on whether the moment lies in the past, which is guessed from the last answer.
 */
export function createPacer(
  table: PaceTable,
  settings: { callsPerSecond: number; probeScheduleSeconds: readonly number[] },
): Pacer {
  const intervalMs = 1000 / settings.callsPerSecond;
  const lastFreeAtMs = new Map<string, number>();

  async function tryReserve(request: SlotRequest, behindMs: number): Promise<{ slot?: Reservation; item: PaceItem }> {
    const { region, api, nowMs, latestMs } = request;
    const queueing = behindMs > nowMs;
    const { written, item } = await table.update(region, api, {
      update: queueing ? 'SET free_at = free_at + :interval' : 'SET free_at = :free_at',
      condition: `attribute_not_exists(open_until) AND ${
        queueing ? 'free_at BETWEEN :now AND :latest' : '(attribute_not_exists(free_at) OR free_at <= :now)'
      }`,
      values: queueing
        ? { ':interval': intervalMs, ':now': nowMs, ':latest': latestMs }
        : { ':free_at': nowMs + intervalMs, ':now': nowMs },
    });
    return written ? { slot: { kind: 'slot', atMs: item.free_at - intervalMs, probe: false, item }, item } : { item };
  }

  /** One call per interval of the schedule finds out whether the trouble is over. */
  async function tryProbe(request: SlotRequest, item: PaceItem, openUntilMs: number): Promise<Reservation> {
    const { region, api, ledgerKey, nowMs } = request;
    const schedule = settings.probeScheduleSeconds;
    const waitMs = (schedule[Math.min(item.open_step, schedule.length - 1)] ?? 0) * 1000;
    // The key that opened the breaker may be the only one in trouble: it probes only if no other key has for a whole interval.
    const mayProbeAtMs = item.opened_by === ledgerKey ? openUntilMs + waitMs : openUntilMs;
    if (nowMs < mayProbeAtMs) return { kind: 'closed', untilMs: mayProbeAtMs };
    const probe = await table.update(region, api, {
      update: 'SET open_until = :next, open_step = :step, free_at = :free_at',
      condition: 'open_until = :seen',
      values: {
        ':next': nowMs + waitMs,
        ':step': item.open_step + 1,
        ':free_at': nowMs + intervalMs,
        ':seen': openUntilMs,
      },
    });
    if (probe.written) return { kind: 'slot', atMs: nowMs, probe: true, item: probe.item };
    return { kind: 'closed', untilMs: probe.item.open_until ?? nowMs };
  }

  return {
    async reserve(request) {
      if (request.nowMs > request.latestMs) return { kind: 'full', freeAtMs: request.nowMs };
      const place = `${request.region}#${request.api}`;
      let behindMs = lastFreeAtMs.get(place) ?? 0;
      for (let race = 0; race < MAX_RACES; race++) {
        const { slot, item } = await tryReserve(request, behindMs);
        behindMs = item.free_at;
        lastFreeAtMs.set(place, behindMs);
        if (slot) return slot;
        if (item.open_until !== undefined) return tryProbe(request, item, item.open_until);
        if (behindMs > request.latestMs) break;
      }
      return { kind: 'full', freeAtMs: behindMs };
    },

    async holdBack(region, api, nowMs) {
      await table.update(region, api, {
        update: 'SET free_at = :free_at',
        condition: 'free_at < :free_at',
        values: { ':free_at': nowMs + HOLD_BACK_MS },
      });
    },
  };
}
