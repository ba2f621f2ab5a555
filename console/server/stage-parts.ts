import type { Clock } from '../../lib/platform/clock.ts';
import type { StageConnection } from './stage-connection.ts';

/** What everything that works on the stage needs. */
export interface StageParts {
  stage: StageConnection;
  clock: Clock;
  /** Aborted when the console ends. */
  signal: AbortSignal;
}
