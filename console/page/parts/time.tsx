import { distanceText, timeText } from '../format.ts';

/** A point in time, with its distance from now. The exact time is in a tooltip. */
export function Time({ atMs, distance = false }: { atMs: number; distance?: boolean }) {
  const exact = new Date(atMs).toISOString();
  return (
    <time dateTime={exact} title={exact}>
      {distance ? distanceText(atMs, Date.now()) : timeText(atMs)}
    </time>
  );
}
