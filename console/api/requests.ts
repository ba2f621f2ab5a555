import type { RequestState } from '../../client/describe/request-state.ts';
import type { Step } from '../../client/describe/step.ts';
import type { ExpectedAnswer } from '../../client/operate/expected-answer.ts';
import type { RoomCheck } from '../../client/operate/request-status.ts';
import type { RequestWait } from '../../client/operate/request-wait.ts';
import type { Completion } from '../../lib/contract/completion.ts';
import type { Lane } from '../../lib/contract/lanes.ts';
import type { Problem } from '../../lib/contract/problems.ts';

/** The requests that were found for a key, a room ARN or a room name. */
export interface FoundRequests {
  by: 'key' | 'arn' | 'name';
  found: FoundRequest[];
  /** Whether more rooms have this name. */
  hasMore: boolean;
  /** Whether the text is a known key that could also be the name of a room. If so, the rooms were not searched. */
  mayBeName: boolean;
}

export type FoundRequest =
  | { kind: 'request'; ledgerKey: string; idempotencyKey?: string; roomArn?: string }
  /** A room that this stage has not created. */
  | { kind: 'foreign'; roomArn: string; problem: string };

/** What is known about one request. Times are epoch milliseconds. */
export interface RequestView {
  ledgerKey: string;
  /** Absent if the ledger was rebuilt from the tags of the room, which contain only the hash of the key. */
  idempotencyKey?: string;
  state: RequestState;
  /** Why the item of the key cannot be read. */
  problem?: string;
  atMs: number;
  region?: string;
  tenant?: string;
  roomArn?: string;
  roomName?: string;
  /** What has happened, in order of time. */
  past: Step[];
  /** The present state: what the request waits for, and until when. */
  present: Step[];
  wait?: RequestWait;
  completion?: Completion;
  /** Present only after a check. */
  roomCheck?: RoomCheck;
  /** The messages with this key that were sent from this console, oldest first. */
  sent: SentMessage[];
  sendAgain: SendAgain;
}

/** A message that was sent from this console since it was started. */
export interface SentMessage {
  /** When it was sent, by the clock of the console. */
  atMs: number;
  lane: Lane;
  kind: 'request' | 'release';
  /** What the ledger showed just before the message was sent. Absent if the ledger could not be read. */
  expected?: ExpectedAnswer;
}

/** Whether the request of a key can be sent again, and with which message. */
export type SendAgain =
  /** `sent`: the message that this console has sent. `rebuilt`: a message for the same room, which the stored hash confirms. */
  | { kind: 'message'; from: 'sent' | 'rebuilt'; body: string; lane: Lane }
  /** The console does not know the message. The form can be filled in with these fields. */
  | { kind: 'form'; fields: { idempotencyKey: string; region?: string; tenant?: string } }
  | { kind: 'none'; reason: string };

/** What greenroom would do with a message. */
export interface CheckAnswer {
  kind: 'request' | 'release' | 'refused';
  /** Empty if the message may be sent. */
  problems: Problem[];
  idempotencyKey?: string;
  region?: string;
  expected?: ExpectedAnswer;
  /** Why `expected` is not known. */
  unknownBecause?: string;
}

export type SendAnswer =
  | { kind: 'sent'; idempotencyKey: string; message: SentMessage }
  | { kind: 'refused'; problems: Problem[] };
