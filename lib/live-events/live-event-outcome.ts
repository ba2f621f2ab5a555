import type { LiveEventTimes } from '../contract/live-event-plan.ts';

/** The outcome of one message about a live event. Every message is acknowledged, unless it is postponed. */
export type LiveEventOutcome =
  /** A schedule takes the message's place, because a message that is received too often counts as one that crashes its function. */
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
      /** When to go on. `changed` and `failed` do not know when: it is the present, and `comesBackAtMs` decides. */
      untilMs: number;
      /** What failed. It is retried sooner than `untilMs` if the event's next moment requires it. */
      cause?: unknown;
      /** The message has waited so often that `untilMs` is not reliable. */
      isEndless?: boolean;
      /** The event's moments, if they are known. The message returns by the next of them. */
      moments?: LiveEventTimes | undefined;
    };

export type Postponed = Extract<LiveEventOutcome, { kind: 'postponed' }>;
