/** The part of a pace item that determines how fast calls may follow one another. */
export interface CutRate {
  /** The rate after the last throttle, in calls a second. */
  rate?: number | undefined;
  /** When the rate was last cut or a ceiling was last changed, in epoch milliseconds of the shared time. */
  rate_at?: number | undefined;
}

// A late call shortens the time to the next call. At exactly the quota, later calls could never make up for this. At this share of the
// quota, 200 calls make up for one interval.
const SHARE_OF_QUOTA = 0.995;
// A single throttle may be due to a delay in the network. A second throttle soon after it means that another program uses the quota.
const FIRST_CUT_TO = 0.8;
const CUT_TO = 0.6;
const SOON_MS = 60_000;
const MIN_SHARE = 0.05;
// Recovery, as shares of the ceiling per second. It is slow at first, because the other program is probably still active, and exceeding the
// quota again costs a throttled call. After a while without a throttle, the other program has probably stopped.
const SLOW_RECOVERY = 0.01;
const SLOW_FOR_SECONDS = 20;
const QUICK_RECOVERY = 0.09;

/**
 * The rate at a given time. The last throttle cut the rate, which has been recovering since then, up to slightly below the ceiling.
 * @param ceiling the account's quota, in calls a second
 * @returns calls a second
 */
export function rateAt({ rate, rate_at }: CutRate, nowMs: number, ceiling: number): number {
  const full = ceiling * SHARE_OF_QUOTA;
  if (rate === undefined || rate_at === undefined) return full;
  const seconds = Math.max(0, nowMs - rate_at) / 1000;
  const quickSeconds = Math.max(0, seconds - SLOW_FOR_SECONDS);
  return Math.min(full, rate + ceiling * (SLOW_RECOVERY * seconds + QUICK_RECOVERY * quickSeconds));
}

/** The rate after a throttle: a share of the current rate, but at least a twentieth of the ceiling, so that some calls are still sent. */
export function cutRate(item: CutRate, nowMs: number, ceiling: number): number {
  // Without a rate, the last change was not a throttle: an operator set the ceiling.
  const isFirst = item.rate === undefined || item.rate_at === undefined || nowMs - item.rate_at > SOON_MS;
  return Math.max(ceiling * MIN_SHARE, rateAt(item, nowMs, ceiling) * (isFirst ? FIRST_CUT_TO : CUT_TO));
}
