/** What became of one message about a live event. All but postponed ones are acknowledged. */
export type LiveEventOutcome =
  | { kind: 'scheduled' | 'opened' | 'cancelled' }
  /** `missing`: how many rooms did not stand; above zero it was announced. */
  | { kind: 'checked'; missing: number }
  | { kind: 'ignored'; reason: 'older' | 'cancelled' | 'unknown-event' }
  | { kind: 'refused'; problems: number }
  | { kind: 'parked'; reason: 'unparseable' | 'dead-lettered' }
  | {
      kind: 'postponed';
      reason: 'others-of-its-import' | 'not-its-turn' | 'changed' | 'failed';
      untilMs: number;
      cause?: unknown;
    };
