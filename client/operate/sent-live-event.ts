import type { LiveEventPlan } from '../../lib/contract/live-event-message.ts';
import type { Problem } from '../../lib/contract/problems.ts';
import type { Region } from '../../lib/contract/regions.ts';
import type { LiveEventItem } from '../../lib/live-events/live-event-item.ts';
import type { RefusedRevision } from '../../lib/live-events/refused-revision.ts';
import { isSameRevision } from '../../lib/live-events/same-revision.ts';

/** A message that was sent about a live event. */
export type SentLiveEvent = { liveEventId: string; revision: number } & (
  | { kind: 'scheduled'; plan: LiveEventPlan }
  | { kind: 'cancelled' }
);

/** The outcome of a message. `replaced`: a later message of the same file has changed or cancelled the event. */
export type SentOutcome =
  | { kind: 'accepted' | 'cancelled' | 'replaced' }
  | { kind: 'refused'; problems: readonly Problem[] };

/** The stored items of a message's event. */
export interface StoredEvent {
  item: LiveEventItem | undefined;
  refused: RefusedRevision | undefined;
}

/**
 * Determines the outcome of a message from the stored items.
 * @param refusedBefore the time of the last refusal that was noted before the message was sent. That refusal does not count
 * @param isReplaced whether the file contains a later message about the event
 * @returns undefined if the message may not have been handled yet
 */
export function judgeSent(
  sent: SentLiveEvent,
  { item, refused }: StoredEvent,
  { refusedBefore, isReplaced, region }: { refusedBefore: number | undefined; isReplaced: boolean; region: Region },
): SentOutcome | undefined {
  const isCancelled = item?.live_state === 'cancelled';
  if (sent.kind === 'cancelled') return isCancelled ? { kind: 'cancelled' } : undefined;
  const { plan, revision } = sent;
  if (item !== undefined && !isCancelled && item.revision === revision && isSameRevision(plan, item, region))
    return { kind: 'accepted' };
  if (isReplaced && (isCancelled || (item !== undefined && item.revision > revision))) return { kind: 'replaced' };
  if (refused?.hash === plan.hash && refused.refused_at !== refusedBefore)
    return { kind: 'refused', problems: refused.problems };
  if (isCancelled) return refusal('liveEventId', 'was cancelled, and stays cancelled: schedule it under another id');
  if (item !== undefined && item.revision > revision)
    return refusal('revision', `is lower than ${item.revision}, the stored revision: raise it`);
  return undefined;
}

function refusal(path: string, message: string): SentOutcome {
  return { kind: 'refused', problems: [{ path, message }] };
}
