import type { Completion, FailureReason } from '../contract/completion.ts';
import type { ParkReason } from '../contract/parked-note.ts';
import type { PostponeReason } from './postponement.ts';

/** The outcome of one message. Answered and parked messages are acknowledged, postponed ones are not. */
export type Outcome =
  | {
      kind: 'answered';
      how:
        | 'created'
        | 'adopted'
        | 'failed'
        | 'replayed'
        | 'key-reused'
        | 'key-released'
        | 'invalid'
        | 'release-scheduled'
        | 'release-superseded'
        | 'release-failed';
      /** The id of the completion or, for a release command, of its answer. */
      completionId: string;
      /**
       * The reason of a failed completion; absent if the completion is a replay. An invalid message, or one that reuses a key, is never a
       * replay, even if it is delivered again, because the ledger stores nothing about it.
       */
      failure?: FailureReason;
    }
  | { kind: 'postponed'; reason: PostponeReason; untilMs: number; mayHaveRoom: boolean; cause?: unknown }
  | { kind: 'parked'; reason: ParkReason; detail: string; completionId?: string; failure?: FailureReason };

/** The outcome of a message that this completion answers. */
export function answeredWith(
  how: Extract<Outcome, { kind: 'answered' }>['how'],
  { id, data }: Completion,
): Extract<Outcome, { kind: 'answered' }> {
  const isNewFailure = how !== 'replayed' && data.outcome === 'failed';
  return { kind: 'answered', how, completionId: id, ...(isNewFailure && { failure: data.reason }) };
}
