import type { EventResult, Programme, ProgrammeResult } from './programme.ts';

const MINUTE_MS = 60_000;

/**
 * Programmes at the rhythm of 1,000 events in 20 minutes with five rooms each: 5,000 rooms, 17 minutes of a quota of five. A fifth of the
 * rooms at a fifth of the quota goes the same way, in a fifth of the work.
 */
export function programmes({ events, quota }: { events: number; quota: number }): Record<string, Programme> {
  const atRiskTime = 'PT10M';
  const common = { events, roomsEach: quota, quota, spreadMs: events * 1_200, leadTime: 'PT30M', atRiskTime };
  return {
    'heard of an hour before': { ...common, heardBeforeMs: 60 * MINUTE_MS, callsPerSecond: quota },
    'heard of ten minutes before, all of it due at once': {
      ...common,
      heardBeforeMs: 10 * MINUTE_MS,
      callsPerSecond: quota,
    },
    'heard of two minutes before, and others use two fifths of the quota': {
      ...common,
      heardBeforeMs: 2 * MINUTE_MS,
      callsPerSecond: 0.6 * quota,
    },
  };
}

/** Its last room stood after its start, or never. */
const isLate = ({ readyAtMs, startsAtMs }: EventResult) => readyAtMs === 0 || readyAtMs > startsAtMs;
const isAnnouncedInTime = ({ atRiskAtMs, startsAtMs }: EventResult) =>
  atRiskAtMs !== undefined && atRiskAtMs < startsAtMs;

export function summarise({ events, rooms, worstInversionMs, madeInMs, errors }: ProgrammeResult) {
  const late = events.filter(isLate);
  return {
    rooms,
    madeInSeconds: Math.round(madeInMs / 1000),
    worstInversionSeconds: Math.round(worstInversionMs / 1000),
    late: late.length,
    announced: events.filter(({ atRiskAtMs }) => atRiskAtMs !== undefined).length,
    lateAndNotAnnounced: late.filter((event) => !isAnnouncedInTime(event)).length,
    errors: errors.length,
  };
}
