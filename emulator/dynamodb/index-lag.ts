/**
 * How long an index takes to show a change to its table. "Changes to the table data are propagated to the global secondary indexes within a
 * fraction of a second, under normal conditions. However, in some unlikely failure scenarios, longer propagation delays might occur":
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
 */
export interface IndexLag {
  /** The longest usual lag. */
  usualMs: number;
  /** The share of changes, 0 to 1, that take longer than usual, up to `longestMs`. */
  longShare: number;
  longestMs: number;
}

/** @returns a function that draws the lag of a change, in milliseconds. Without a lag, it is 0, and no random number is drawn */
export function createIndexLag(lag: IndexLag | undefined, random: () => number): () => number {
  if (lag === undefined) return () => 0;
  const { usualMs, longShare, longestMs } = lag;
  return () => (random() < longShare ? usualMs + random() * (longestMs - usualMs) : random() * usualMs);
}
