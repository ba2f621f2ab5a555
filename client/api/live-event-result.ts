import type * as z from 'zod/mini';
import type { scheduledLiveEventSchema } from '../../lib/contract/live-event.ts';
import type { Problem } from '../../lib/contract/problems.ts';

/** A live event with its rooms, as the contract defines it. */
export type LiveEventInput = z.input<typeof scheduledLiveEventSchema>;

/**
 * The result of sending a live event. If greenroom refuses the event later, for example because its revision is old, it publishes
 * `roster-failed`.
 */
export type ScheduleResult =
  | { kind: 'sent'; liveEventId: string; revision: number }
  /** The event was not sent, because greenroom would refuse it. `problems` contains all of its problems. */
  | { kind: 'invalid'; liveEventId?: string; problems: Problem[] }
  | { kind: 'not-sent'; liveEventId: string; revision: number; problem: string };

/** The result of a cancellation. */
export type CancelResult =
  | { kind: 'sent'; liveEventId: string; revision: number }
  | { kind: 'already-cancelled'; liveEventId: string; cancelledAt: string }
  /** greenroom has not accepted an event with this id, or has forgotten it. */
  | { kind: 'unknown-event'; liveEventId: string }
  /** The event belongs to a tenant other than this program's. */
  | { kind: 'other-tenant'; liveEventId: string };
