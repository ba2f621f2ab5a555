import type { LiveEventTimes } from '../contract/live-event-plan.ts';

/** The outcome of one message about a live event. Every message is acknowledged, unless it is postponed. */
export type LiveEventOutcome =
  /** A schedule replaces the message, because SQS moves a message that is received too many times to the dead-letter queue. */
  | { kind: 'handed-over'; untilMs: number }
  | { kind: 'scheduled' | 'opened' | 'cancelled' }
  /** `missing`: the number of missing rooms. If it is above zero, a warning was published. */
  | { kind: 'checked'; missing: number }
  | { kind: 'ignored'; reason: 'older' | 'cancelled' | 'unknown-event' }
  | { kind: 'refused'; problems: number }
  | { kind: 'parked'; reason: 'unparseable' | 'dead-lettered' }
  | {
      kind: 'postponed';
      /**
       * `due-soon`: the message waits for an opening or a check that is too near for a schedule. `just-due`: the check waits, because the
       * rooms were requested only just now, or not yet.
       */
      reason: 'others-of-its-import' | 'not-its-turn' | 'changed' | 'due-soon' | 'just-due' | 'failed';
      /** When to continue. For `changed` and `failed` it is the present time, and `returnsAtMs` computes how long the message waits. */
      untilMs: number;
      /** The failure of a step. Because of it, the message may return sooner than `untilMs`. */
      cause?: unknown;
      /** The message has been received so often that its wait now depends on its age and not on `untilMs`. */
      isEndless?: boolean;
      /** The times of the event, if they are known. At the latest, the message returns shortly after the next of these times. */
      times?: LiveEventTimes | undefined;
    };

export type Postponed = Extract<LiveEventOutcome, { kind: 'postponed' }>;
