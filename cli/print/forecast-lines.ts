import type { Forecast } from '../../client/operate/programme-forecast.ts';
import { isoDuration } from '../../lib/contract/duration.ts';

const MINUTE_MS = 60_000;
const MAX_EVENTS_SHOWN = 20;

type ForecastEvent = Forecast['events'][number];

const isLate = ({ readyAtMs, startsAtMs }: ForecastEvent) => readyAtMs > startsAtMs;
const isAtRisk = ({ readyAtMs, checkAtMs }: ForecastEvent) => readyAtMs > checkAtMs;

/** The forecast of a programme as readable lines. */
export function forecastLines({ events, neededLeadMs, slowestRegion }: Forecast, callsPerSecond: number): string[] {
  const first = events[0];
  const last = events.at(-1);
  if (!first || !last) return [];
  const rooms = [...roomsByRegion(events)].map(
    ([region, count]) =>
      `  ${region}: ${counted(count, 'room')}, ${isoDuration((count / callsPerSecond) * 1000)} at ${callsPerSecond} a second`,
  );
  const late = events.filter(isLate);
  const atRisk = events.filter((event) => isAtRisk(event) && !isLate(event));
  return [
    `${counted(events.length, 'live event')}, from ${timeText(first.startsAtMs)} to ${timeText(last.startsAtMs)}`,
    ...rooms,
    `Lead time needed for all rooms to exist when their events start: ${isoDuration(wholeMinutes(neededLeadMs))} (slowest region: ${slowestRegion})`,
    ...listed(late, 'late: their rooms will not exist until after the start'),
    ...listed(
      atRisk,
      'will be announced as at risk: their rooms will exist before the start, but not by the time of the at-risk check',
    ),
    ...(late.length + atRisk.length === 0 ? ['With the current lead times, all rooms will exist in time.'] : []),
  ];
}

/** The forecast of a programme as JSON, for scripts. Durations are ISO 8601. */
export function forecastJson({ events, neededLeadMs, slowestRegion }: Forecast): object {
  return {
    events: events.length,
    rooms: Object.fromEntries(roomsByRegion(events)),
    neededLeadTime: isoDuration(wholeMinutes(neededLeadMs)),
    slowestRegion,
    late: events.filter(isLate).map(eventJson),
    atRisk: events.filter((event) => isAtRisk(event) && !isLate(event)).map(eventJson),
  };
}

function eventJson({ name, startsAtMs, readyAtMs }: ForecastEvent) {
  return { liveEventId: name, startsAt: timeText(startsAtMs), readyAt: timeText(readyAtMs) };
}

function listed(events: ForecastEvent[], what: string): string[] {
  if (events.length === 0) return [];
  const shown = events
    .slice(0, MAX_EVENTS_SHOWN)
    .map(({ name, startsAtMs, readyAtMs }) => `  ${timeText(startsAtMs)}  ${name}: ready at ${timeText(readyAtMs)}`);
  const more = events.length > shown.length ? [`  and ${events.length - shown.length} more`] : [];
  return [`${events.length} ${what}`, ...shown, ...more];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function roomsByRegion(events: ForecastEvent[]): Map<string, number> {
  const rooms = new Map<string, number>();
  for (const event of events)
    for (const [region, count] of Object.entries(event.roomsByRegion))
      rooms.set(region, (rooms.get(region) ?? 0) + count);
  return rooms;
}

function wholeMinutes(ms: number): number {
  return Math.ceil(ms / MINUTE_MS) * MINUTE_MS;
}

/** In UTC, to the second. */
function timeText(ms: number): string {
  return `${new Date(Math.ceil(ms / 1000) * 1000).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)}Z`;
}
