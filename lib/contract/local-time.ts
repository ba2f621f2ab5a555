/** The point in time at which clocks in a time zone show a local time, in epoch milliseconds. */
export type ResolvedLocalTime =
  | { kind: 'unique'; ms: number }
  /** The clocks skip this time when they go forward. */
  | { kind: 'skipped' }
  /** The time occurs twice, because the clocks go back. */
  | { kind: 'twice'; earlierMs: number; laterMs: number };

const DAY_MS = 86_400_000;

/**
 * Finds the point in time at which clocks in a time zone show a date and time.
 * @param local ISO 8601 without an offset, valid as a date
 * @param timeZone a name or an offset (time-zones.ts)
 */
export function resolveLocalTime(local: string, timeZone: string): ResolvedLocalTime {
  const offsetAt = offsetReader(timeZone);
  const asUtcMs = Date.parse(`${local}Z`);
  // There are two candidates for the offset: the offset a day earlier and the offset a day later. A candidate is correct if the time zone
  // has this offset at the resulting time.
  const offsets = new Set([offsetAt(asUtcMs - DAY_MS), offsetAt(asUtcMs + DAY_MS)]);
  const times = [...offsets].map((offsetMs) => asUtcMs - offsetMs).filter((ms) => ms + offsetAt(ms) === asUtcMs);
  const [earlierMs, laterMs] = times.sort((a, b) => a - b);
  if (earlierMs === undefined) return { kind: 'skipped' };
  return laterMs === undefined ? { kind: 'unique', ms: earlierMs } : { kind: 'twice', earlierMs, laterMs };
}

/** How far the clocks of a time zone are ahead of UTC at a point in time. @returns milliseconds */
export function offsetMsAt(ms: number, timeZone: string): number {
  return offsetReader(timeZone)(ms);
}

function offsetReader(timeZone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const shownMs = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return shownMs - Math.floor(ms / 1000) * 1000;
  };
}
