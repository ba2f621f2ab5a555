/** A time for people and programs: ISO 8601, or `-` if it is unknown. */
export function timeText(atMs: number | undefined): string {
  if (atMs === undefined) return '-';
  const time = new Date(atMs);
  return Number.isNaN(time.getTime()) ? String(atMs) : time.toISOString();
}
