import type { Forecast } from '../../client/operate/programme-forecast.ts';
import { isoDuration } from '../../lib/contract/duration.ts';

const MINUTE_MS = 60_000;
const MAX_EVENTS_SHOWN = 20;

type ForecastEvent = Forecast['events'][number];

const isLate = ({ readyAtMs, startsAtMs }: ForecastEvent) => readyAtMs > startsAtMs;
const isAtRisk = ({ readyAtMs, checkAtMs }: ForecastEvent) => readyAtMs > checkAtMs;

/** The forecast of a programme, as lines for people. */
export function forecastLines({ events, neededLeadMs, slowestRegion }: Forecast, callsPerSecond: number): string[] {
  const first = events[0];
  const last = events.at(-1);
  if (!first || !last) return [];
  const rooms = [...roomsByRegion(events)].map(
    ([region, count]) =>
      `  ${region}: ${count} rooms, ${isoDuration((count / callsPerSecond) * 1000)} at ${callsPerSecond} a second`,
  );
  const late = events.filter(isLate);
  const atRisk = events.filter((event) => isAtRisk(event) && !isLate(event));
  return [
    `${events.length} live events, from ${timeText(first.startsAtMs)} to ${timeText(last.startsAtMs)}`,
    ...rooms,
    `Lead time needed for all rooms to exist when their events start: ${isoDuration(wholeMinutes(neededLeadMs))} (${slowestRegion})`,
    ...listed(late, 'late: their rooms exist only after the start'),
    ...listed(atRisk, 'announced at risk: their rooms exist only after the check, but before the start'),
    ...(late.length + atRisk.length === 0 ? ['With the present lead times, all rooms exist in time.'] : []),
  ];
}

/** The forecast of a programme, for programs. Durations are ISO 8601. */
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
