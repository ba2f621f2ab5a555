import type { EventsAnswer, ProgrammeOutlook, ShownEvent } from '../../api/events.ts';
import type { RegionNow } from '../../api/now.ts';
import { counted, durationText } from '../format.ts';
import { useLive } from '../live.tsx';

/** A text that says whether the programme of the day will be ready. */
export function Outlook({ events, untilMs, atMs, forecast }: EventsAnswer) {
  const { now } = useLive();
  const isPast = untilMs <= atMs;
  const failed = sum(events, ({ roomsFailed }) => roomsFailed);
  const atRisk = events.filter((event) => event.atRisk !== undefined).length;
  const isBad = (forecast?.late ?? 0) > 0 || failed > 0 || atRisk > 0;
  const closed = (now.answer?.regions ?? []).filter(({ region }) => (forecast?.rooms[region] ?? 0) > 0);
  const obstacles = closed.flatMap(obstaclesOf);
  return (
    <div class={isBad || obstacles.length > 0 ? 'trouble' : 'done'} role="status">
      <p>
        {counted(events.length, 'event')}. {forecast ? forecastText(forecast) : restText(events, isPast)}
      </p>
      {(failed > 0 || atRisk > 0) && (
        <p>
          {counted(atRisk, 'event')} at risk, {counted(failed, 'room')} failed.
        </p>
      )}
      {obstacles.map((text) => (
        <p key={text}>{text} The forecast does not allow for that.</p>
      ))}
    </div>
  );
}

function forecastText({ late, afterCheck, rooms, callsPerSecond, neededLeadMs, slowestRegion }: ProgrammeOutlook) {
  const count = Object.values(rooms).reduce((total, each) => total + each, 0);
  const basis = `${counted(count, 'room')} still to be created, at ${callsPerSecond} a second in each region if nothing else uses the quota`;
  if (late > 0)
    return `${counted(late, 'event')} will be late: the last rooms are expected only after the start (${basis}). With a lead time of ${durationText(neededLeadMs)}, all would be ready. The slowest region is ${slowestRegion}.`;
  if (afterCheck > 0)
    return `All rooms are expected before their events start, but those of ${counted(afterCheck, 'event')} only after the check, which will announce the events as at risk (${basis}).`;
  return `All rooms are expected in time (${basis}).`;
}

function restText(events: readonly ShownEvent[], isPast: boolean): string {
  const held = events.filter(({ state }) => state !== 'cancelled');
  const missing = sum(held, ({ roomsTotal, roomsReady }) => roomsTotal - roomsReady);
  if (held.length === 0) return '';
  if (missing > 0) return `${counted(missing, 'room')} will not be created.`;
  return isPast ? 'All rooms were created.' : 'All rooms exist.';
}

function obstaclesOf({ region, breaker, lanes }: RegionNow): string[] {
  const isPaused = lanes.some(({ lane, pausedUntilMs }) => lane === 'interactive' && pausedUntilMs !== undefined);
  return [
    ...(breaker ? [`${region} accepts no rooms at the moment: ${breaker.meaning}.`] : []),
    ...(isPaused ? [`An operator has paused ${region}.`] : []),
  ];
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
