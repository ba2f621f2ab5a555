import type { ShownEvent } from '../../api/events.ts';
import { clockText } from './day.ts';

const HOUR_MS = 3_600_000;
/** An opening or a release further away than this from the day is not in the picture. */
const MARGIN_MS = 6 * HOUR_MS;
const MIN_HOURS = 4;

/** The time that the picture shows. */
export interface Axis {
  fromMs: number;
  untilMs: number;
  labels: { atMs: number; text: string }[];
}

/** The hours in which something happens, around a day. @param maxLabels more would overlap */
export function axisOf(
  events: readonly ShownEvent[],
  day: { fromMs: number; untilMs: number },
  maxLabels: number,
): Axis {
  const moments = events.flatMap(({ startsAtMs, times }) => [
    startsAtMs,
    times?.opensAtMs ?? startsAtMs,
    times?.endsAtMs ?? startsAtMs,
    times?.releaseAtMs ?? startsAtMs,
  ]);
  const inPicture = moments.filter((ms) => ms >= day.fromMs - MARGIN_MS && ms <= day.untilMs + MARGIN_MS);
  const first = inPicture.reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY);
  const last = inPicture.reduce((most, ms) => Math.max(most, ms), Number.NEGATIVE_INFINITY);
  if (inPicture.length === 0) return withLabels(day.fromMs, day.untilMs, maxLabels);
  const fromMs = Math.floor(first / HOUR_MS) * HOUR_MS;
  return withLabels(fromMs, Math.max(Math.ceil(last / HOUR_MS) * HOUR_MS, fromMs + MIN_HOURS * HOUR_MS), maxLabels);
}

function withLabels(fromMs: number, untilMs: number, maxLabels: number): Axis {
  const hours = Math.round((untilMs - fromMs) / HOUR_MS);
  const step = Math.ceil(hours / maxLabels);
  const count = Math.ceil(hours / step);
  const labels = Array.from({ length: count }, (_, index) => fromMs + index * step * HOUR_MS);
  return { fromMs, untilMs, labels: labels.map((atMs) => ({ atMs, text: clockText(atMs) })) };
}

/** The place of a time in the picture, in percent. Times outside the picture are at its edge. */
export function placeOf(atMs: number, { fromMs, untilMs }: Axis): number {
  return Math.min(100, Math.max(0, ((atMs - fromMs) / (untilMs - fromMs)) * 100));
}

/** The place of the present in the picture of a day, in percent. @returns undefined if it is on another day or outside the picture */
export function placeOfNow(nowMs: number, axis: Axis, day: { fromMs: number; untilMs: number }): number | undefined {
  const isOfDay = nowMs >= day.fromMs && nowMs < day.untilMs;
  return isOfDay && nowMs >= axis.fromMs && nowMs <= axis.untilMs ? placeOf(nowMs, axis) : undefined;
}
