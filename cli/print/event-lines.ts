import { styleText } from 'node:util';
import { printable } from '../../client/completion-line.ts';
import { messageText, riskText } from '../../client/describe/live-event-words.ts';
import { columnsOf, padColumns } from '../../client/fit-line.ts';
import type { EventDetail } from '../../client/operate/live-event-detail.ts';
import type { ListedEvent } from '../../client/operate/live-event-list.ts';
import type { ReleasedEventRoom } from '../../client/operate/live-event-releases.ts';
import type { AtRisk, ListedState, NotApplied } from '../../client/operate/live-event-risk.ts';
import type { EventRoom, RoomCounts } from '../../client/operate/live-event-rooms.ts';
import { KEEP_MS } from '../../lib/contract/release-wish.ts';
import { problemLine } from './bulk-lines.ts';
import { releaseFactsJson } from './release-json.ts';

type Colour = Parameters<typeof styleText>[0];

const COLOURS: Record<ListedState, Colour> = {
  waiting: 'reset',
  opening: 'yellow',
  ready: 'green',
  incomplete: 'red',
  cancelled: 'dim',
};

type ShownState = EventRoom['state'] | 'marked' | 'released';

const ROOM_COLOURS: Record<ShownState, Colour> = {
  exists: 'green',
  marked: 'dim',
  released: 'dim',
  failed: 'red',
  requested: 'yellow',
  'not requested': 'reset',
};

/**
 * Live events, one line each.
 * @param width the width of the terminal. If a line does not fit, all starts are shown without seconds. Undefined: nothing is left out
 */
export function eventLines(events: readonly ListedEvent[], width?: number): string[] {
  const lines = events.map((event) => eventLine(event, timeText));
  if (width === undefined || lines.every((line) => columnsOf(line) <= width)) return lines;
  return events.map((event) => eventLine(event, minuteText));
}

function eventLine(event: ListedEvent, timeOf: (ms: number) => string): string {
  const { state, startsAtMs, roomsReady, roomsTotal, liveEventId, revision, tenant } = event;
  const painted = styleText(COLOURS[state], state.padEnd('incomplete'.length));
  const rooms = `${roomsReady}/${roomsTotal}`.padStart(9);
  const columns = [timeOf(startsAtMs), `${rooms} rooms`, liveEventId, `revision ${revision}`];
  const named = [...columns, ...(tenant === 'default' ? [] : [tenant])].map(printable);
  const remarks = remarksOf(event).map((text) => styleText('red', text));
  return [painted, ...named, ...(remarks.length > 0 ? [remarks.join(', ')] : [])].join('  ');
}

/** The remarks about an event that need a person's attention. `greenroom events EVENT` shows the reasons. */
function remarksOf({ atRisk, roomsFailed, roomsNeverRequested = 0, notApplied }: ListedEvent): string[] {
  return [
    ...(atRisk ? ['at risk'] : []),
    ...(roomsFailed > 0 ? [`${roomsFailed} failed`] : []),
    ...(roomsNeverRequested > 0 ? [`${roomsNeverRequested} never requested`] : []),
    ...(notApplied ? [`${messageText(notApplied)} not applied`] : []),
  ];
}

/** A live event as one JSON object. The detail of an event (`eventDetailJson`) contains its other times. */
export function eventJson(listed: ListedEvent): object {
  const { startsAtMs, atRisk, notApplied, times: _, roomsToCreate: __, ...event } = listed;
  return {
    ...event,
    startsAt: timeText(startsAtMs),
    ...(atRisk && { atRisk: riskJson(atRisk) }),
    ...(notApplied && { notApplied: notAppliedJson(notApplied) }),
  };
}

/** A live event with its times, its problems and its rooms. */
export function eventDetailLines(event: EventDetail): string[] {
  const { liveEventId, state, revision, tenant, counts, atRisk, notApplied, rooms } = event;
  const name = printable([liveEventId, `revision ${revision}`, ...(tenant === 'default' ? [] : [tenant])].join('  '));
  const widths = widthsOf(rooms);
  return [
    `${name}  ${styleText(COLOURS[state], state)}`,
    ...timeLines(event),
    line('rooms', countsText(counts, event)),
    ...(atRisk ? [line('at risk', styleText('red', riskText(atRisk, timeText)))] : []),
    ...(notApplied ? notAppliedLines(notApplied) : []),
    ...rooms.map((room) => roomLine(room, event, widths)),
  ];
}

/** A message that was not applied, and why. */
export function notAppliedLines(notApplied: NotApplied): string[] {
  const { refusedAtMs, problems, problemsTotal } = notApplied;
  const more = problemsTotal > problems.length ? [`  and ${problemsTotal - problems.length} more`] : [];
  return [
    line('not applied', `${messageText(notApplied)}, at ${timeText(refusedAtMs)}`),
    ...[...problems.map((problem) => problemLine(problem, 'the message')), ...more].map(
      (text) => `${INDENT}${text.trimStart()}`,
    ),
  ];
}

/** The same as one JSON object. */
export function eventDetailJson({ counts, atRisk, notApplied, rooms, ...event }: EventDetail): object {
  const { liveEventId, tenant, revision, state } = event;
  const times = Object.entries({
    startsAt: event.startsAtMs,
    endsAt: event.endsAtMs,
    releaseAt: event.releaseAtMs,
    opensAt: event.opensAtMs,
    openedAt: event.openedAtMs,
    checkAt: event.checkAtMs,
    cancelledAt: event.cancelledAtMs,
  }).flatMap(([name, ms]) => (ms === undefined ? [] : [[name, timeText(ms)]]));
  return {
    ...{ liveEventId, tenant, revision, state, ...Object.fromEntries(times) },
    roomsTotal: counts.total,
    roomsReady: counts.exist,
    roomsFailed: counts.failed,
    roomsRequested: counts.requested,
    roomsNotRequested: counts.notRequested,
    roomsReleased: rooms.filter((room) => shownState(room) === 'released').length,
    ...(atRisk && { atRisk: riskJson(atRisk) }),
    ...(notApplied && { notApplied: notAppliedJson(notApplied) }),
    rooms: rooms.map(({ release, ...room }) => ({ ...room, ...(release && { release: releaseFactsJson(release) }) })),
  };
}

export function notAppliedJson({ refusedAtMs, ...rest }: NotApplied): object {
  return { ...rest, at: timeText(refusedAtMs) };
}

function riskJson({ expectedAtMs, ...rest }: AtRisk): object {
  return { ...rest, ...(expectedAtMs !== undefined && { expectedAt: timeText(expectedAtMs) }) };
}

const INDENT = ' '.repeat('not applied  '.length);
const line = (name: string, text: string) => `${name.padEnd(INDENT.length)}${text}`;

function timeLines({ startsAtMs, opensAtMs, openedAtMs, checkAtMs, cancelledAtMs, ...event }: EventDetail): string[] {
  const times: [string, number | undefined][] = [
    ['starts', startsAtMs],
    ['ends', event.endsAtMs],
    ['release', event.state === 'cancelled' ? undefined : event.releaseAtMs],
    ['opens', openedAtMs === undefined ? opensAtMs : undefined],
    ['opened', openedAtMs],
    ['check', checkAtMs],
    ['cancelled', cancelledAtMs],
  ];
  const isReleasedNow = event.state === 'cancelled' && event.releaseAtMs !== undefined;
  return [
    ...times.flatMap(([name, ms]) => (ms === undefined ? [] : [line(name, timeText(ms))])),
    ...(isReleasedNow
      ? [line('release', `requested at ${timeText(event.releaseAtMs ?? 0)}, after the grace period`)]
      : []),
  ];
}

/** Released rooms no longer exist. */
function countsText({ total, exist, failed, requested, notRequested }: RoomCounts, event: EventDetail): string {
  const isCancelled = event.state === 'cancelled';
  const released = event.rooms.filter((room) => shownState(room) === 'released' && (isCancelled || !room.isDropped));
  return [
    `${exist - released.length} of ${total} exist`,
    ...(released.length > 0 ? [`${released.length} released`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(requested > 0 ? [`${requested} requested`] : []),
    ...(notRequested > 0 ? [`${notRequested} ${isCancelled ? 'never' : 'not'} requested`] : []),
  ].join(', ');
}

function shownState({ state, release }: ReleasedEventRoom): ShownState {
  const now = release?.state;
  return state === 'exists' && (now === 'marked' || now === 'released') ? now : state;
}

/** When a room was released, or its release time if it differs from the event's. */
function releaseText(room: ReleasedEventRoom, { state, releaseAtMs }: EventDetail): string {
  const { wish, releasedAtMs } = room.release ?? {};
  if (shownState(room) === 'released') return `released at ${timeText(releasedAtMs ?? 0)}`;
  if (wish === undefined || wish.releaseAtMs === releaseAtMs || state === 'cancelled') return '';
  return wish.releaseAtMs === KEEP_MS ? 'to be kept' : `release at ${timeText(wish.releaseAtMs)}`;
}

function widthsOf(rooms: readonly ReleasedEventRoom[]): { key: number; state: number } {
  const longest = (texts: string[]) => texts.reduce((most, text) => Math.max(most, columnsOf(text)), 0);
  return { key: longest(rooms.map(({ key }) => printable(key))), state: longest(rooms.map(shownState)) };
}

function roomLine(room: ReleasedEventRoom, event: EventDetail, widths: { key: number; state: number }): string {
  const { key, region, arn, reason, error, isDropped } = room;
  const state = shownState(room);
  const why = [reason, error].filter((text) => text !== undefined).join(': ');
  const columns = [
    padColumns(printable(key), widths.key),
    region ?? '',
    arn ?? printable(why),
    releaseText(room, event),
    isDropped ? 'dropped' : '',
  ];
  const painted = styleText(ROOM_COLOURS[state], state.padEnd(widths.state));
  return `  ${[painted, ...columns.filter((text) => text !== '')].join('  ').trimEnd()}`;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

function minuteText(ms: number): string {
  return `${timeText(ms).slice(0, 'yyyy-mm-ddThh:mm'.length)}Z`;
}
