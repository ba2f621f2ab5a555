import type { LoadHistory } from './load-history.ts';
import type { ParkedDesk } from './parked-desk.ts';
import type { PublishedEvents } from './published-events.ts';
import type { StageParts } from './stage-parts.ts';

/** The parts of the console that all calls of the page share. */
export interface ConsoleContext extends StageParts {
  history: LoadHistory;
  published: PublishedEvents;
  parked: ParkedDesk;
}
