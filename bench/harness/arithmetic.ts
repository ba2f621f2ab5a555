/** The figures that benchmarks compute from times and counts. Times are epoch milliseconds, in any order. */

/**
 * The share of the quota that was used from the first call to the last. The span begins with the first call, so `n` calls have
 * `n - 1` intervals. NaN for fewer than two calls.
 *
 * @param wanted how many calls were needed. Repeated calls do not count
 */
export function utilisation(timesMs: readonly number[], callsPerSecond: number, wanted = timesMs.length): number {
  if (timesMs.length < 2) return Number.NaN;
  const [firstMs, lastMs] = extent(timesMs);
  return (wanted - 1) / (callsPerSecond * ((lastMs - firstMs) / 1000));
}

/** Calls per second in a span, including its beginning and excluding its end. */
export function ratePerSecond(timesMs: readonly number[], fromMs: number, toMs: number): number {
  return countWithin(timesMs, fromMs, toMs) / ((toMs - fromMs) / 1000);
}

export function countWithin(timesMs: readonly number[], fromMs: number, toMs: number): number {
  return timesMs.filter((atMs) => atMs >= fromMs && atMs < toMs).length;
}

/**
 * The `share` percentile (0 to 1) by the nearest-rank method: always a measured value, never a mean of two.
 * NaN if there are no values.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle value; for an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** The highest number of calls within any span of `spanMs`: the worst case for a quota with a fixed window. */
export function mostWithin(timesMs: readonly number[], spanMs: number): number {
  const sorted = timesMs.toSorted((left, right) => left - right);
  let first = 0;
  let most = 0;
  for (const [index, atMs] of sorted.entries()) {
    while (atMs - (sorted[first] ?? atMs) >= spanMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/**
 * The time from `fromMs` to the beginning of the first span of `spanMs` in which calls arrived at `callsPerSecond` or faster. Only spans
 * that begin with a call count. Undefined if no such span ends by `untilMs`.
 */
export function msUntilRate(
  timesMs: readonly number[],
  {
    fromMs,
    untilMs,
    spanMs,
    callsPerSecond,
  }: { fromMs: number; untilMs: number; spanMs: number; callsPerSecond: number },
): number | undefined {
  const starts = timesMs.filter((atMs) => atMs >= fromMs && atMs + spanMs <= untilMs);
  const fast = starts.filter((atMs) => ratePerSecond(timesMs, atMs, atMs + spanMs) >= callsPerSecond);
  return fast.length === 0 ? undefined : Math.min(...fast) - fromMs;
}

/** The first and the last time. */
export function extent(timesMs: readonly number[]): [number, number] {
  return timesMs.reduce<[number, number]>(
    ([first, last], atMs) => [Math.min(first, atMs), Math.max(last, atMs)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
