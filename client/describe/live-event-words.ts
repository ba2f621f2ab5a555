import type { AtRisk, ListedState, NotApplied } from '../operate/live-event-risk.ts';

/** What the state of a live event means. */
export const STATE_MEANINGS: Record<ListedState, string> = {
  waiting: 'the rooms are not requested yet',
  opening: 'the rooms are requested, and some do not exist yet',
  ready: 'all rooms exist',
  incomplete: 'some rooms will not be created',
  cancelled: 'the event is cancelled',
};

/** Why an event is at risk. @param timeText how to write the time at which its rooms are expected */
export function riskText({ cause, roomsMissing, expectedAtMs }: AtRisk, timeText: (ms: number) => string): string {
  const rooms = `${roomsMissing} room${roomsMissing === 1 ? ' is' : 's are'}`;
  if (cause === 'check') return `${rooms} missing after the check`;
  const expected = expectedAtMs === undefined ? '' : ` (${timeText(expectedAtMs)})`;
  return `${rooms} expected after the start${expected}`;
}

/** Names a message that was not applied. */
export function messageText({ revision }: Pick<NotApplied, 'revision'>): string {
  return revision === undefined ? 'a message' : `revision ${revision}`;
}

/** Those properties of an event that determine what a cancellation does to its rooms. */
export interface CancelledRooms {
  /** Whether any revision has requested its rooms. */
  hasRequested: boolean;
  /** Whether any revision had a release time. */
  hasRelease: boolean;
}

/**
 * What happens to the rooms of an event that is cancelled. The rooms are also released if only an earlier revision had a release time.
 * Otherwise, the rooms that this revision has requested would remain, although nobody needs them.
 */
export function cancelledRoomsText({ hasRequested, hasRelease }: CancelledRooms): string {
  if (!hasRequested) return 'It has not requested any rooms.';
  return hasRelease ? 'Its rooms are deleted after the grace period.' : 'Existing rooms are not deleted.';
}
