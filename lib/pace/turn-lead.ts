import type { PaceItem } from './pace-item.ts';

/**
 * How long before its slot a worker begins to reserve it, if workers take turns. They do not compete for slots, so they can reserve late,
 * which leaves the next slots to interactive calls. How late they can reserve depends on DynamoDB and on the load of the workers, so the
 * lead is measured.
 *
 * All workers of a region use the same lead, which the pace item contains. A worker with a longer lead than the others would take the slot
 * of the worker before it. Until each of them has seen a change, their order is uncertain, so the lead changes rarely.
 */
export interface TurnLead {
  /** Learns from a reservation. @param leftMs the time from its end to its slot */
  note(turn: { leadMs: number }, leftMs: number): void;
  /** Whether the next reservation should change the lead. */
  next(seen: PaceItem, nowMs: number): LeadChange | undefined;
}

export interface LeadChange {
  leadMs: number;
  /** The lead does not become shorter before this time. */
  untilMs: number;
}

type Lead = Pick<PaceItem, 'bulk_lead' | 'bulk_rotation'>;

/** Two intervals at the quota, so that the next worker can still take the slot of a worker that has stopped (docs/decisions/0065). */
export const LONGEST_LEAD_MS = 400;
/** Writes do not all take equally long, and the call's intent needs a write too. */
const MARGIN = 2;
/** If the margin is smaller than this, the lead becomes longer immediately. */
const LEAST_MARGIN = 1.5;
/** Every worker has had a turn by then, so all use the new lead. */
const SHORTER_AFTER_MS = 4_000;
/** A lead that was too short is not tried again soon. */
const LONGER_FOR_MS = 15_000;

/**
 * The lead of a region's workers. If there are fewer than two workers in the rotation, perhaps none of them has a waiting call when a slot
 * is near. The longest lead then lets the first worker that has a call take the slot.
 */
export function turnLeadMs({ bulk_lead = LONGEST_LEAD_MS, bulk_rotation }: Lead): number {
  return bulk_rotation && bulk_rotation.size >= 2 ? limited(bulk_lead) : LONGEST_LEAD_MS;
}

/** The lead of a new rotation. */
export function firstLead(nowMs: number): LeadChange {
  return { leadMs: LONGEST_LEAD_MS, untilMs: nowMs + SHORTER_AFTER_MS };
}

/** @param preparationMs how much time a call needs from the end of the reservation to its slot */
export function createTurnLead(preparationMs: number): TurnLead {
  /** How long the worker's last reservation took, from the time at which it was due. */
  let tookMs: number | undefined;
  return {
    note({ leadMs }, leftMs) {
      tookMs = leadMs - leftMs;
    },
    next(seen, nowMs) {
      if (tookMs === undefined) return undefined;
      const leadMs = turnLeadMs(seen);
      const wantedMs = limited(preparationMs + MARGIN * tookMs);
      if (leadMs < limited(preparationMs + LEAST_MARGIN * tookMs))
        return { leadMs: wantedMs, untilMs: nowMs + LONGER_FOR_MS };
      const mayShorten = nowMs >= (seen.bulk_lead_until ?? 0);
      return mayShorten && wantedMs < leadMs ? { leadMs: wantedMs, untilMs: nowMs + SHORTER_AFTER_MS } : undefined;
    },
  };
}

function limited(ms: number): number {
  return Math.round(Math.min(LONGEST_LEAD_MS, Math.max(0, ms)));
}
