import type { EventResult, Programme, ProgrammeResult } from './programme.ts';

const MINUTE_MS = 60_000;
const QUOTA = 5;

/** Programmes in which events start as often as 1,000 events in 20 minutes. Each event has five rooms, so creating the 5,000 rooms takes 17 minutes. */
export function programmes(events: number) {
  const rhythm = { events, roomsEach: 5, spreadMs: events * 1_200 };
  const times = { leadTime: 'PT30M', atRiskTime: 'PT10M' };
  const common = { ...rhythm, ...times, quota: QUOTA, callsPerSecond: QUOTA, takesTurns: true };
  return {
    /** Received an hour before the first start. */
    ahead: { ...common, receivedBeforeMs: 60 * MINUTE_MS },
    /** Received ten minutes before the first start, so that all events are due on receipt. */
    atOnce: { ...common, receivedBeforeMs: 10 * MINUTE_MS },
    /** Received two minutes before the first start, while other programs use two fifths of the quota. */
    contended: { ...common, receivedBeforeMs: 2 * MINUTE_MS, callsPerSecond: 0.6 * QUOTA },
  } satisfies Record<string, Programme>;
}

/** Whether the last room of an event was created after the start, or never. */
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
