/** A time for people and programs: ISO 8601, or `-` if it is unknown. */
export function timeText(atMs: number | undefined): string {
  if (atMs === undefined) return '-';
  const time = new Date(atMs);
  return Number.isNaN(time.getTime()) ? String(atMs) : time.toISOString();
}

/** The time of day if `ms` and `nowMs` are on the same date; otherwise the date. */
export function clockText(ms: number, nowMs: number): string {
  const [date = '', time = ''] = timeText(ms).split('T');
  return timeText(nowMs).startsWith(date) ? `${time.slice(0, 8)}Z` : date;
}
