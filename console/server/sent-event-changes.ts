import { readSentOutcome } from '../../client/operate/read-sent-outcome.ts';
import type { SentLiveEvent } from '../../client/operate/sent-live-event.ts';
import { UserError } from '../../client/user-error.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import type { SentAnswer } from '../api/events.ts';
import type { StageConnection } from './stage-connection.ts';

const KEPT = 1_000;

interface Sent {
  message: SentLiveEvent;
  /** The time of the last refusal before the message was sent. */
  refusedBefore: number | undefined;
  sentAtMs: number;
}

/** The messages about live events that the page has sent, so that the page can follow them, even after a reload. */
export interface SentEventChanges {
  /** @returns the number of the message */
  note(sent: Sent): number;
  /** @throws UserError if there is no such message, for example because the console was started again */
  outcome(number: number): Promise<SentAnswer>;
}

export function createSentEventChanges(stage: StageConnection, clock: Pick<Clock, 'nowMs'>): SentEventChanges {
  const kept = new Map<number, Sent>();
  // The address contains the number, and may be used longer than the console runs.
  let last = clock.nowMs();
  return {
    note(sent) {
      last += 1;
      kept.set(last, sent);
      kept.delete(last - KEPT);
      return last;
    },
    async outcome(number) {
      const sent = kept.get(number);
      if (sent === undefined)
        throw new UserError('The console no longer knows this message. The event shows whether it was applied');
      const { message, refusedBefore, sentAtMs } = sent;
      const outcome = await stage.use((deployment) =>
        readSentOutcome(message, { refusedBefore, isReplaced: false }, deployment),
      );
      const { liveEventId, revision } = message;
      return { liveEventId, revision, ...changeOf(message), sentAtMs, ...(outcome && { outcome }) };
    },
  };
}

function changeOf(message: SentLiveEvent): Pick<SentAnswer, 'what' | 'startsAtMs'> {
  return message.kind === 'cancelled'
    ? { what: 'cancellation' }
    : { what: 'move', startsAtMs: message.plan.startsAtMs };
}
