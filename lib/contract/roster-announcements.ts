import { canonicalJson, sha256 } from './keys.ts';
import { capProblems, type Problem } from './problems.ts';
import {
  MAX_ROOMS_LISTED,
  type RosterAtRisk,
  type RosterCancelled,
  type RosterCompleted,
  type RosterFailed,
} from './roster-event.ts';

interface Announced {
  stage: string;
  rosterId: string;
  timeMs: number;
  /**
   * When the stored roster began; undefined if no roster is stored. After its retention, a new roster may begin with the same id. This time
   * gives the events of the new roster different ids.
   */
  lifeMs: number | undefined;
}

/**
 * The announcement that a roster is complete. `revision`: if the roster is sealed again with a higher revision, it completes again, and the
 * new announcement has another id.
 */
export function rosterCompleted(
  announced: Announced & { revision: number; data: RosterCompleted['data'] },
): RosterCompleted {
  const type = 'greenroom.roster.completed.v1';
  return { ...eventOf(announced, [type, announced.rosterId, announced.revision]), type, data: announced.data };
}

type FailedData = RosterFailed['data'];
type Unlisted<Data> = Data extends unknown ? Omit<Data, 'problems' | 'problemsTotal'> : never;

/**
 * The announcement that a bulk job or live event cannot be accepted. `occasion` distinguishes the failures of one roster. `problemsTotal`
 * is the number of problems, if `problems` does not contain all of them.
 */
export function rosterFailed(
  announced: Announced & {
    occasion: string | number;
    data: Unlisted<FailedData>;
    problems: Problem[];
    problemsTotal?: number;
  },
): RosterFailed {
  const type = 'greenroom.roster.failed.v1';
  const { problems, total: given } = capProblems(announced.problems);
  const total = announced.problemsTotal ?? given;
  return {
    ...eventOf(announced, [type, announced.rosterId, announced.occasion]),
    type,
    data: { ...announced.data, problems, problemsTotal: total },
  };
}

type Listed<Data, List extends string> = Omit<Data, 'kind' | 'roster' | List>;

/**
 * The announcement that a live event may start without all of its rooms. If a later announcement lists other missing rooms, it has another
 * id.
 */
export function rosterAtRisk(
  announced: Announced & {
    data: Listed<RosterAtRisk['data'], 'missing' | 'missingTotal'>;
    missing: RosterAtRisk['data']['missing'];
  },
): RosterAtRisk {
  const type = 'greenroom.roster.at-risk.v1';
  const { data, missing, rosterId } = announced;
  return {
    ...eventOf(announced, [type, rosterId, data.cause, sha256(canonicalJson(missing))]),
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
  announced: Announced & {
    liveEvent: RosterCancelled['data']['liveEvent'];
    rooms: RosterCancelled['data']['rooms'];
  },
): RosterCancelled {
  const type = 'greenroom.roster.cancelled.v1';
  const { liveEvent, rooms, rosterId } = announced;
  return {
    ...eventOf(announced, [type, rosterId, sha256(canonicalJson(rooms))]),
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

function eventOf({ stage, rosterId, timeMs, lifeMs }: Announced, content: (string | number)[]) {
  return {
    specversion: '1.0',
    id: sha256(canonicalJson(lifeMs === undefined ? content : [...content, lifeMs])),
    source: `/greenroom/${stage}`,
    time: new Date(timeMs).toISOString(),
    datacontenttype: 'application/json',
    subject: rosterId,
  } as const;
}
