import type { SentAnswer } from '../../api/events.ts';
import { dayOf } from './day.ts';

/** The day to which an event was moved, if it is not the day that is shown. Until the move is accepted, the event is still on its old day. */
export function movedDay({ startsAtMs, outcome }: SentAnswer, shownDay: string): string | undefined {
  if (startsAtMs === undefined || outcome?.kind !== 'accepted') return undefined;
  const day = dayOf(startsAtMs);
  return day === shownDay ? undefined : day;
}
