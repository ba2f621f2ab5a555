import { canonicalJson, sha256 } from './keys.ts';
import { capProblems, type Problem } from './problems.ts';
import {
  MAX_ROOMS_LISTED,
  type RosterAtRisk,
  type RosterCancelled,
  type RosterCompleted,
  type RosterFailed,
} from './roster-event.ts';

interface AnnouncementFacts {
  stage: string;
  rosterId: string;
  timeMs: number;
  /**
   * When the stored roster was created; undefined if no roster is stored. It is part of the ids of the roster's events, because a new roster
   * may begin with the same id once the retention of the old one has ended.
   */
  storedAtMs: number | undefined;
}

/**
 * The announcement that a roster is complete. `revision`: if the roster is sealed again with a higher revision, it completes again, and the
 * new announcement has a different id.
 */
export function rosterCompleted(
  facts: AnnouncementFacts & { revision: number; data: RosterCompleted['data'] },
): RosterCompleted {
  const type = 'greenroom.roster.completed.v1';
  return { ...eventOf(facts, [type, facts.rosterId, facts.revision]), type, data: facts.data };
}

type FailedData = RosterFailed['data'];
type Unlisted<Data> = Data extends unknown ? Omit<Data, 'problems' | 'problemsTotal'> : never;

/**
 * The announcement that a bulk job or live event cannot be accepted. Failures with different `occasion`s have different ids.
 * `problemsTotal` is the number of problems, if `problems` does not contain all of them.
 */
export function rosterFailed(
  facts: AnnouncementFacts & {
    occasion: string | number;
    data: Unlisted<FailedData>;
    problems: Problem[];
    problemsTotal?: number;
  },
): RosterFailed {
  const type = 'greenroom.roster.failed.v1';
  const { problems, total: given } = capProblems(facts.problems);
  const total = facts.problemsTotal ?? given;
  return {
    ...eventOf(facts, [type, facts.rosterId, facts.occasion]),
    type,
    data: { ...facts.data, problems, problemsTotal: total },
  };
}

type Listed<Data, List extends string> = Omit<Data, 'kind' | 'roster' | List>;

/**
 * The announcement that a live event may start without all of its rooms. If a later announcement lists other missing rooms, it has a different
 * id.
 */
export function rosterAtRisk(
  facts: AnnouncementFacts & {
    data: Listed<RosterAtRisk['data'], 'missing' | 'missingTotal'>;
    missing: RosterAtRisk['data']['missing'];
  },
): RosterAtRisk {
  const type = 'greenroom.roster.at-risk.v1';
  const { data, missing, rosterId } = facts;
  return {
    ...eventOf(facts, [type, rosterId, data.cause, sha256(canonicalJson(missing))]),
    type,
    data: {
      kind: 'live-event',
      roster: rosterId,
      ...data,
      missing: missing.slice(0, MAX_ROOMS_LISTED),
      missingTotal: missing.length,
    },
  };
}

/** The announcement that a live event is cancelled. */
export function rosterCancelled(
  facts: AnnouncementFacts & {
    liveEvent: RosterCancelled['data']['liveEvent'];
    rooms: RosterCancelled['data']['rooms'];
  },
): RosterCancelled {
  const type = 'greenroom.roster.cancelled.v1';
  const { liveEvent, rooms, rosterId } = facts;
  return {
    ...eventOf(facts, [type, rosterId, sha256(canonicalJson(rooms))]),
    type,
    data: {
      kind: 'live-event',
      roster: rosterId,
      liveEvent,
      rooms: rooms.slice(0, MAX_ROOMS_LISTED),
      roomsTotal: rooms.length,
    },
  };
}

function eventOf({ stage, rosterId, timeMs, storedAtMs }: AnnouncementFacts, content: (string | number)[]) {
  return {
    specversion: '1.0',
    id: sha256(canonicalJson(storedAtMs === undefined ? content : [...content, storedAtMs])),
    source: `/greenroom/${stage}`,
    time: new Date(timeMs).toISOString(),
    datacontenttype: 'application/json',
    subject: rosterId,
  } as const;
}
