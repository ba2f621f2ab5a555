import type { LiveEventTimes } from '../contract/live-event-plan.ts';

/** The outcome of one message about a live event. Every message is acknowledged, unless it is postponed. */
export type LiveEventOutcome =
  /** A schedule replaces the message, because a message that is received too often counts as one that crashes its function. */
  | { kind: 'handed-over'; untilMs: number }
  | { kind: 'scheduled' | 'opened' | 'cancelled' }
  /** `missing`: the number of missing rooms. Above zero, a warning was published. */
  | { kind: 'checked'; missing: number }
  | { kind: 'ignored'; reason: 'older' | 'cancelled' | 'unknown-event' }
  | { kind: 'refused'; problems: number }
  | { kind: 'parked'; reason: 'unparseable' | 'dead-lettered' }
  | {
      kind: 'postponed';
      /**
       * `moment-near`: the message waits for a moment that a schedule might miss. `just-due`: the rooms could not have been
       * requested before this moment.
       */
      reason: 'others-of-its-import' | 'not-its-turn' | 'changed' | 'moment-near' | 'just-due' | 'failed';
      /** When to continue. For `changed` and `failed`, which have no such time, it is the present time, and `comesBackAtMs` decides. */
      untilMs: number;
      /** The failure of a step. It may bring the message back sooner than `untilMs`. */
      cause?: unknown;
      /** The message has waited so often that `untilMs` is not reliable. */
      isEndless?: boolean;
      /** The event's moments, if they are known. The message returns by about the next of them. */
      moments?: LiveEventTimes | undefined;
    };

export type Postponed = Extract<LiveEventOutcome, { kind: 'postponed' }>;
