import type { Problem } from '../../lib/contract/problems.ts';
import type { RequestOptions } from './request-result.ts';

export interface ReleaseOptions extends RequestOptions {
  /** When to release (delete) the room. `now`: after the grace period of the stage. `null`: keep the room. */
  releaseAt: string | null;
  /**
   * When the decision behind the command was made. If there are two decisions about a key, the later one applies. Default: now, by AWS's
   * clocks
   */
  wishedAt?: string | undefined;
  /** An id that greenroom copies to its answer. */
  correlationId?: string | undefined;
}

/** The result of sending a release command. greenroom answers a command with an event: `release-scheduled` or `release-failed`. */
export type ReleaseResult =
  /** SQS has accepted the command. `wishedAt` identifies it in the answer. */
  | { kind: 'sent'; idempotencyKey: string; wishedAt: string }
  /** The command was not sent, because greenroom would refuse it. `problems` contains all of its problems. */
  | { kind: 'invalid'; idempotencyKey: string; problems: Problem[] }
  /** SQS has not accepted the command, even after several attempts. */
  | { kind: 'not-sent'; idempotencyKey: string; problem: string };
