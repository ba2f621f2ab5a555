import type { EventDetail } from '../../client/operate/live-event-detail.ts';
import type { ListedEvent } from '../../client/operate/live-event-list.ts';
import type { NotApplied } from '../../client/operate/live-event-risk.ts';
import type { SentOutcome } from '../../client/operate/sent-live-event.ts';
import type { LiveEventTimes } from '../../lib/contract/live-event-plan.ts';
import type { LiveEventRelease } from '../../lib/contract/live-event-release.ts';
import type { Problem } from '../../lib/contract/problems.ts';

/** The live events that start within a range. Times are epoch milliseconds. */
export interface EventsAnswer {
  fromMs: number;
  untilMs: number;
  atMs: number;
  events: ShownEvent[];
  /** Absent if no event of the range still needs rooms, or if the range has passed. */
  forecast?: ProgrammeOutlook;
}

export interface ShownEvent extends ListedEvent {
  /** When its last room is expected to exist. Present only for an event that is waiting or opening. */
  readyAtMs?: number;
}

/** Whether the rooms of a programme will exist in time, if nothing else uses the quota of CreateRoom. */
export interface ProgrammeOutlook {
  /** The rate that is assumed for each region, in calls a second. */
  callsPerSecond: number;
  /** How many rooms are still to be created, by region. */
  rooms: Record<string, number>;
  /** The number of events whose rooms are expected after the start. */
  late: number;
  /**
   * The number of events whose rooms are expected before the start but after the check, so that greenroom will announce the events as at
   * risk.
   */
  afterCheck: number;
  /** With this lead time for all events, all rooms exist when their events start. */
  neededLeadMs: number;
  slowestRegion: string;
}

export interface EventAnswer {
  atMs: number;
  liveEventId: string;
  /** Absent if greenroom has accepted no revision of the event. */
  event?: EventDetail;
  notApplied?: NotApplied;
  /** What a cancellation would do to the rooms. Absent for a cancelled event. */
  cancellation?: string;
}

/** The times of one revision. */
export type RevisionTimes = LiveEventTimes & LiveEventRelease;

/** The effects of a move, before it is sent or after it was sent. */
export type MoveAnswer =
  | { kind: 'invalid'; problems: Problem[] }
  | { kind: 'checked'; revision: number; times: RevisionTimes; keepsCheck: boolean }
  | { kind: 'sent'; number: number };

/** The status of a message that the console sent. As long as there is no outcome, greenroom has not handled the message. */
export interface SentAnswer {
  liveEventId: string;
  revision: number;
  what: 'move' | 'cancellation';
  /** The new start. Present only for a move. */
  startsAtMs?: number;
  sentAtMs: number;
  outcome?: SentOutcome;
}

export interface CancelAnswer {
  kind: 'sent';
  number: number;
}
