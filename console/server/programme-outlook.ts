import { ROOMS_PER_SECOND } from '../../client/describe/job-words.ts';
import type { ListedEvent } from '../../client/operate/live-event-list.ts';
import { type Forecast, forecastProgramme, type ProgrammeEvent } from '../../client/operate/programme-forecast.ts';
import type { ProgrammeOutlook } from '../api/events.ts';

/** When the rooms of events are expected, by the ids of the events. */
export interface Outlook {
  readyAtMs: ReadonlyMap<string, number>;
  outlook?: ProgrammeOutlook;
}

/**
 * Forecasts the events that still need rooms.
 * @param events include the events before the range, because they use the quota first
 * @param isShown whether an event is within the range that the outlook is about
 */
export function outlookOf(
  events: readonly ListedEvent[],
  isShown: (event: { startsAtMs: number }) => boolean,
  nowMs: number,
): Outlook {
  const programme = events.flatMap(toProgrammeEvent);
  if (!programme.some(isShown)) return { readyAtMs: new Map() };
  const forecast = forecastProgramme(programme, { nowMs, callsPerSecond: ROOMS_PER_SECOND });
  const readyAtMs = new Map(forecast.events.map(({ name, readyAtMs: atMs }) => [name, atMs]));
  return { readyAtMs, outlook: summaryOf(forecast, forecast.events.filter(isShown)) };
}

function toProgrammeEvent({ liveEventId, startsAtMs, times, roomsToCreate }: ListedEvent): ProgrammeEvent[] {
  if (times === undefined || Object.values(roomsToCreate).every((count) => count === 0)) return [];
  const { opensAtMs, checkAtMs } = times;
  return [{ name: liveEventId, startsAtMs, opensAtMs, checkAtMs, roomsByRegion: roomsToCreate }];
}

function summaryOf({ neededLeadMs, slowestRegion }: Forecast, shown: Forecast['events']): ProgrammeOutlook {
  const rooms: Record<string, number> = {};
  for (const { roomsByRegion } of shown)
    for (const [region, count] of Object.entries(roomsByRegion)) rooms[region] = (rooms[region] ?? 0) + count;
  const late = shown.filter(({ readyAtMs, startsAtMs }) => readyAtMs > startsAtMs);
  const afterCheck = shown.filter(
    ({ readyAtMs, startsAtMs, checkAtMs }) => readyAtMs > checkAtMs && readyAtMs <= startsAtMs,
  );
  return {
    ...{ callsPerSecond: ROOMS_PER_SECOND, rooms, neededLeadMs, slowestRegion },
    ...{ late: late.length, afterCheck: afterCheck.length },
  };
}
