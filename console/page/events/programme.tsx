import type { ShownEvent } from '../../api/events.ts';
import { VirtualList } from '../parts/virtual-list.tsx';
import { useWide } from '../use-media.ts';
import { type Axis, axisOf, placeOf, placeOfNow } from './axis.ts';
import { clockText, momentText } from './day.ts';
import { EventTags } from './event-tags.tsx';

/** How a row is divided: the bar is beside the text, or below one or more lines of text. */
const LAYOUTS = {
  wide: { rowPx: 40, labels: 8 },
  stacked: { rowPx: 82, labels: 8 },
  narrow: { rowPx: 106, labels: 4 },
} as const;

interface ProgrammeProps {
  events: readonly ShownEvent[];
  day: string;
  range: { fromMs: number; untilMs: number };
  selected: string;
  hrefOf(liveEventId: string): string;
  empty: string;
}

function useLayout(selected: string): keyof typeof LAYOUTS {
  const [isStacked, isWide, isVeryWide] = [useWide(600), useWide(900), useWide(1300)];
  // In a very wide window, the selected event takes some of the width.
  if (isVeryWide ? selected === '' : isWide) return 'wide';
  return isStacked ? 'stacked' : 'narrow';
}

/** One row for each event: its details as text, and its times as a bar. */
export function Programme({ events, day, range, selected, hrefOf, empty }: ProgrammeProps) {
  const layout = useLayout(selected);
  const { rowPx, labels } = LAYOUTS[layout];
  const axis = axisOf(events, range, labels);
  const now = placeOfNow(Date.now(), axis, range);
  return (
    <div class={`programme ${layout}`}>
      <Ruler axis={axis} />
      <VirtualList
        items={events}
        rowHeight={rowPx}
        label="Live events, in the order of their starts"
        keyOf={({ liveEventId }) => liveEventId}
        row={(event) => <EventRow {...{ event, day, axis, now, hrefOf }} isSelected={event.liveEventId === selected} />}
        empty={empty}
      />
      <Legend hasNow={now !== undefined} />
    </div>
  );
}

interface EventRowProps {
  event: ShownEvent;
  day: string;
  axis: Axis;
  /** The position of the present, if the timeline contains it. */
  now: number | undefined;
  isSelected: boolean;
  hrefOf(liveEventId: string): string;
}

function EventRow({ event, day, axis, now, isSelected, hrefOf }: EventRowProps) {
  const { liveEventId, startsAtMs, roomsReady, roomsTotal } = event;
  return (
    <a class="event-row" href={hrefOf(liveEventId)} aria-current={isSelected ? 'true' : undefined}>
      <span class="event-words">
        <time dateTime={new Date(startsAtMs).toISOString()}>{clockText(startsAtMs)}</time>
        <span class="event-name">{liveEventId}</span>
        <span class="event-rooms">
          {roomsReady} of {roomsTotal} rooms
        </span>
        <EventTags event={event} day={day} />
        <span class="unseen">{timesText(event, day)}</span>
      </span>
      <Bar event={event} axis={axis} now={now} />
    </a>
  );
}

/** The times that the bar shows, as text. */
function timesText({ times, readyAtMs }: ShownEvent, day: string): string {
  const { opensAtMs, endsAtMs, releaseAtMs } = times ?? {};
  const parts = Object.entries({
    opens: opensAtMs,
    'ready by': readyAtMs,
    ends: endsAtMs,
    'rooms released': releaseAtMs,
  });
  return parts.flatMap(([name, ms]) => (ms === undefined ? [] : [`, ${name} ${momentText(ms, day)}`])).join('');
}

/** The lead time, the event and its marks. Screen readers skip the bar, because the text of the row contains the same information. */
function Bar({ event, axis, now }: Pick<EventRowProps, 'event' | 'axis' | 'now'>) {
  const { startsAtMs, times, state, readyAtMs } = event;
  const { opensAtMs = startsAtMs, endsAtMs = startsAtMs, releaseAtMs } = times ?? {};
  const span = (fromMs: number, untilMs: number) => ({
    left: `${placeOf(fromMs, axis)}%`,
    width: `${placeOf(untilMs, axis) - placeOf(fromMs, axis)}%`,
  });
  const at = (ms: number) => ({ left: `${placeOf(ms, axis)}%` });
  const isLate = readyAtMs !== undefined && readyAtMs > startsAtMs;
  return (
    <span class={`bar ${state}`} aria-hidden="true">
      {axis.labels.map(({ atMs }) => (
        <i key={atMs} class="bar-hour" style={at(atMs)} />
      ))}
      <i class="bar-lead" style={span(opensAtMs, startsAtMs)} />
      <i class="bar-live" style={span(startsAtMs, endsAtMs)} />
      <i class="bar-start" style={at(startsAtMs)} />
      {releaseAtMs !== undefined && <i class="bar-release" style={at(releaseAtMs)} />}
      {readyAtMs !== undefined && <i class={`bar-ready ${isLate ? 'late' : ''}`} style={at(readyAtMs)} />}
      {now !== undefined && <i class="bar-now" style={{ left: `${now}%` }} />}
    </span>
  );
}

function Ruler({ axis }: { axis: Axis }) {
  return (
    <div class="ruler" aria-hidden="true">
      <span class="ruler-track">
        {axis.labels.map(({ atMs, text }) => (
          <span key={atMs} style={{ left: `${placeOf(atMs, axis)}%` }}>
            {text}
          </span>
        ))}
      </span>
    </div>
  );
}

const MARKS = [
  ['bar-lead', 'lead time: rooms are requested'],
  ['bar-start', 'start'],
  ['bar-live', 'until the end'],
  ['bar-release', 'release of the rooms'],
  ['bar-ready', 'rooms expected'],
  ['bar-now', 'now'],
] as const;

function Legend({ hasNow }: { hasNow: boolean }) {
  const shown = MARKS.filter(([mark]) => mark !== 'bar-now' || hasNow);
  return (
    <p class="legend" aria-hidden="true">
      {shown.map(([mark, text]) => (
        <span key={mark}>
          <i class={`sample ${mark}`} /> {text}
        </span>
      ))}
    </p>
  );
}
