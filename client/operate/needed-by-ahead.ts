import { timestampMs } from '../../lib/contract/timestamp.ts';

/** The service refuses a request whose `neededBy` is further ahead than this. */
const MAX_AHEAD_MS = 7 * 24 * 60 * 60 * 1000;

/** A new `neededBy` for requests that are sent back, as ISO 8601, or the problem of a text that cannot be used. */
export type NeededByAhead = { kind: 'valid'; neededBy: string } | { kind: 'invalid'; problem: string };

export function neededByAhead(text: string, nowMs: number): NeededByAhead {
  const timeMs = timestampMs(text);
  if (timeMs === undefined)
    return { kind: 'invalid', problem: 'It must be a date and time with an offset, such as 2026-12-18T14:00:00Z.' };
  const aheadMs = timeMs - nowMs;
  if (aheadMs <= 0 || aheadMs > MAX_AHEAD_MS)
    return { kind: 'invalid', problem: 'It must be in the future, at most 7 days from now.' };
  return { kind: 'valid', neededBy: new Date(timeMs).toISOString() };
}
