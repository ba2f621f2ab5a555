import type { ParkReason } from '../contract/parked-note.ts';
import type { PostponeReason } from './postponement.ts';

/** The outcome of one message. Answered and parked messages are acknowledged, postponed ones are not. */
export type Outcome =
  | {
      kind: 'answered';
      how: 'created' | 'adopted' | 'failed' | 'replayed' | 'key-reused' | 'invalid';
      completionId: string;
    }
  | { kind: 'postponed'; reason: PostponeReason; untilMs: number; mayHaveRoom: boolean; cause?: unknown }
  | { kind: 'parked'; reason: ParkReason; detail: string; completionId?: string };
