import type { Clock } from '../../lib/platform/clock.ts';
import type { StageConnection } from './stage-connection.ts';

/** The parts that all work on the stage needs. */
export interface StageParts {
  stage: StageConnection;
  clock: Clock;
  /** Aborted when the console ends. */
  signal: AbortSignal;
}
