import type { ShownEvent } from '../../api/events.ts';
import { clockText } from './day.ts';

const HOUR_MS = 3_600_000;
/** An opening or a release that is further from the day than this is not shown. */
const MARGIN_MS = 6 * HOUR_MS;
const MIN_HOURS = 4;

/** The period that the timeline shows. */
export interface Axis {
  fromMs: number;
  untilMs: number;
  labels: { atMs: number; text: string }[];
}

/** Chooses whole hours that contain everything that happens around a day. @param maxLabels the number of labels that fit without overlap */
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

/** The position of a time on the timeline, in percent. A time outside the timeline is at its edge. */
export function placeOf(atMs: number, { fromMs, untilMs }: Axis): number {
  return Math.min(100, Math.max(0, ((atMs - fromMs) / (untilMs - fromMs)) * 100));
}

/**
 * The position of the present on the timeline of a day, in percent.
 * @returns undefined if the present is on another day or outside the timeline
 */
export function placeOfNow(nowMs: number, axis: Axis, day: { fromMs: number; untilMs: number }): number | undefined {
  const isOfDay = nowMs >= day.fromMs && nowMs < day.untilMs;
  return isOfDay && nowMs >= axis.fromMs && nowMs <= axis.untilMs ? placeOf(nowMs, axis) : undefined;
}
