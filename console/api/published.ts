import type { Completion } from '../../lib/contract/completion.ts';
import type { ReleaseEvent } from '../../lib/contract/release-event.ts';
import type { RosterEvent } from '../../lib/contract/roster-event.ts';

/** An event of the completion topic that the console has received. */
export interface PublishedEvent {
  /** Increases with each event. Two consoles never assign the same number, so a tab can continue with another console. */
  number: number;
  /** When the console received it, in epoch milliseconds. */
  receivedAtMs: number;
  event: Completion | ReleaseEvent | RosterEvent;
  /** The SNS message attributes, such as `lane`, `tenant` and `correlationId`. Empty for events of jobs and live events. */
  attributes: Record<string, string>;
}

export interface PublishedAnswer {
  /** The events after the number that the page passed, oldest first. */
  events: PublishedEvent[];
  /** Why the console receives no events at the moment, for example because a permission is missing. */
  problem?: string;
  /** The time since which the console has received all events, in epoch milliseconds. Absent if it does not receive events. */
  sinceMs?: number;
  /** How many events the console has forgotten, because it keeps only the newest 10,000. */
  forgotten: number;
}
