import { printable } from '../../client/completion-line.ts';
import { alignColumns } from '../../client/fit-line.ts';
import {
  RELEASES_PER_SECOND,
  type ReleaseIntent,
  type ReleasePlan,
  type StateCounts,
} from '../../client/operate/release/plan-release.ts';
import { ROOM_STATES, type RoomRelease, type RoomState } from '../../client/operate/release/room-release.ts';
import { KEEP_MS } from '../../lib/contract/release-wish.ts';
import { counted, durationText } from './bulk-lines.ts';

/** How many rooms are shown. An option saves all of them. */
const MAX_SHOWN = 20;

/** The default of the stage's parameter `releaseGraceSeconds`, for a stage whose parameter cannot be read. */
const DEFAULT_GRACE_MS = 900_000;
/** A time that is nearer than this is shown with its seconds. */
const SHORT_GRACE_MS = 120_000;

const HEADER = ['STATE', 'RELEASE (UTC)', 'REGION', 'KEY', 'ROOM'];

const STATE_WORDS: Record<RoomState, string> = {
  made: 'made',
  'being-made': 'being made',
  unknown: 'unknown',
  failed: 'failed',
  marked: 'marked',
  released: 'released',
  damaged: 'damaged',
};

/** The first rooms as a table, and the number of the others. */
export function roomLines(rooms: readonly RoomRelease[]): string[] {
  const rows = rooms
    .slice(0, MAX_SHOWN)
    .map((room) => [
      STATE_WORDS[room.state],
      releaseText(room),
      room.region ?? '-',
      printable(room.key),
      printable(room.roomName ?? room.arn ?? '-'),
    ]);
  const left = rooms.length - rows.length;
  return [...alignColumns([HEADER, ...rows]), ...(left > 0 ? [`and ${left} more: -o FILE saves all of them`] : [])];
}

/** When the room was released, or will be. */
function releaseText({ state, wish, markedAtMs, releasedAtMs }: RoomRelease): string {
  if (state === 'released') return minuteOf(releasedAtMs);
  if (state === 'marked') return minuteOf(markedAtMs);
  return wish?.releaseAtMs === KEEP_MS ? 'keep' : minuteOf(wish?.releaseAtMs);
}

/** The totals of a list of rooms. */
export function totalLines({ total, states, regions }: ReleasePlan): string[] {
  const inRegions = Object.entries(regions);
  return [
    `${counted(total, 'room')}: ${statesText(states)}`,
    ...(inRegions.length > 1
      ? inRegions.map(
          ([region, counts]) => `  ${region === 'none' ? 'region not known' : region}: ${statesText(counts)}`,
        )
      : []),
  ];
}

/**
 * What the commands would change in addition to the release itself.
 * @param graceMs the grace period of the stage; undefined if it cannot be read
 */
export function effectLines(
  { toSend, leftOut, otherTime, kept, seconds }: ReleasePlan,
  { releaseAtMs }: ReleaseIntent,
  { nowMs, graceMs }: ReleaseTimes,
): string[] {
  const { final = 0, 'other-tenant': other = 0, damaged = 0 } = leftOut;
  const replaced = [
    ...(otherTime > 0 ? [`${counted(otherTime, 'room')} ${has(otherTime)} another release time`] : []),
    ...(kept > 0 ? [`${counted(kept, 'room')} ${is(kept)} to be kept`] : []),
  ];
  return [
    ...(final > 0 ? [`${counted(final, 'room')} ${is(final)} released or marked: this is final.`] : []),
    ...(other > 0 ? [`${counted(other, 'room')} of another tenant ${is(other)} left out.`] : []),
    ...(damaged > 0 ? [`${counted(damaged, 'key')} with a damaged ledger item ${is(damaged)} left out.`] : []),
    ...(replaced.length > 0 ? [`${replaced.join(', and ')}. The commands would replace this.`] : []),
    ...(toSend.length > 0 && releaseAtMs !== KEEP_MS
      ? [...durationLines(seconds), undoLine(releaseAtMs, { nowMs, graceMs })]
      : []),
  ];
}

function durationLines(seconds: number): string[] {
  if (seconds === 0) return [];
  return [`The releases take about ${durationText(seconds)}, at ${RELEASES_PER_SECOND} a second in each region.`];
}

/** When the commands are sent, and for how long they can be withdrawn. */
interface ReleaseTimes {
  nowMs: number;
  graceMs: number | undefined;
}

/** The time until which the releases can be withdrawn. */
function undoLine(releaseAtMs: number | undefined, { nowMs, graceMs }: ReleaseTimes): string {
  const graceEndMs = nowMs + (graceMs ?? DEFAULT_GRACE_MS);
  const untilMs = Math.max(releaseAtMs ?? nowMs, graceEndMs);
  if (graceMs === 0 && releaseAtMs === undefined) return 'This cannot be undone: the stage has no grace period.';
  const isShort = untilMs - nowMs < SHORT_GRACE_MS;
  const until = isShort ? new Date(untilMs).toISOString().slice(0, 19).replace('T', ' ') : minuteOf(untilMs);
  const undoes = `Until about ${until} UTC, --keep for the same rooms undoes this`;
  if (graceMs === undefined) return `${undoes}, if the stage has the default grace period of 15 min.`;
  return untilMs === graceEndMs
    ? `${undoes}, because the stage has a grace period of ${durationText(graceMs / 1000)}.`
    : `${undoes}.`;
}

/** Asks whether to release rooms. */
export function releaseQuestion({ toSend, states }: ReleasePlan, { releaseAtMs }: ReleaseIntent): string {
  const when = releaseAtMs === undefined ? 'now' : `at ${new Date(releaseAtMs).toISOString()}`;
  const unknown = states.unknown === undefined ? '' : ` ${states.unknown} of them ${is(states.unknown)} unknown.`;
  return `Release ${counted(toSend.length, 'room')} ${when}?${unknown} A deleted room cannot be restored.`;
}

/** How many rooms are in each state, in words. */
export function statesText(counts: StateCounts): string {
  const parts = ROOM_STATES.flatMap((state) => {
    const count = counts[state];
    return count === undefined ? [] : [`${count} ${STATE_WORDS[state]}`];
  });
  return parts.join(', ') || '0';
}

/** The verb after a number of things. */
export function is(count: number): string {
  return count === 1 ? 'is' : 'are';
}

/** The verb after a number of things. */
export function has(count: number): string {
  return count === 1 ? 'has' : 'have';
}

function minuteOf(ms: number | undefined): string {
  return ms === undefined ? '-' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
