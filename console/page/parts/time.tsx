import { distanceText, timeText } from '../format.ts';

/** A point in time, with its distance from now. The exact time appears when the pointer rests on it. */
export function Time({ atMs, distance = false }: { atMs: number; distance?: boolean }) {
  const exact = new Date(atMs).toISOString();
  return (
    <time dateTime={exact} title={exact}>
      {distance ? distanceText(atMs, Date.now()) : timeText(atMs)}
    </time>
  );
}
