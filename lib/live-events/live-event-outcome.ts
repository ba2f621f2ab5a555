import type { LiveEventTimes } from '../contract/live-event-plan.ts';

/** What became of one message about a live event. All but postponed ones are acknowledged. */
export type LiveEventOutcome =
  /** A schedule takes its place: a message that is received too often counts as one that crashes its function. */
  | { kind: 'handed-over'; untilMs: number }
  | { kind: 'scheduled' | 'opened' | 'cancelled' }
  /** `missing`: how many rooms did not stand; above zero it was announced. */
  | { kind: 'checked'; missing: number }
  | { kind: 'ignored'; reason: 'older' | 'cancelled' | 'unknown-event' }
  | { kind: 'refused'; problems: number }
  | { kind: 'parked'; reason: 'unparseable' | 'dead-lettered' }
  | {
      kind: 'postponed';
      /**
       * `moment-near`: it waits here for what a schedule might be late for. `just-due`: its rooms could not have been asked for
       * before this moment.
       */
      reason: 'others-of-its-import' | 'not-its-turn' | 'changed' | 'moment-near' | 'just-due' | 'failed';
      untilMs: number;
      /** What has failed, and is to be tried again sooner if need be. */
      cause?: unknown;
      /** `untilMs` has been put off so often that it can't be relied on. */
      isEndless?: boolean;
      /** The event's, as far as they are known: its message comes again by the next of them. */
      moments?: LiveEventTimes | undefined;
    };

export type Postponed = Extract<LiveEventOutcome, { kind: 'postponed' }>;
