import type { Clock } from '../../lib/platform/clock.ts';
import type { LoadHistory } from './load-history.ts';
import type { ParkedDesk } from './parked-desk.ts';
import type { PublishedEvents } from './published-events.ts';
import type { StageConnection } from './stage-connection.ts';

/** What the calls of the page share. */
export interface ConsoleContext {
  stage: StageConnection;
  clock: Clock;
  /** Aborted when the console ends. */
  signal: AbortSignal;
  history: LoadHistory;
  published: PublishedEvents;
  parked: ParkedDesk;
}
