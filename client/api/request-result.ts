import type * as z from 'zod/mini';
import type { Lane } from '../../lib/contract/lanes.ts';
import type { Problem } from '../../lib/contract/problems.ts';
import type { roomRequestSchema } from '../../lib/contract/room-request.ts';
import type { CallOptions } from './call-options.ts';

/** A room request as the contract defines it, without the fields that only greenroom's own functions may set. */
export type RoomRequestInput = Omit<z.input<typeof roomRequestSchema>, 'roster' | 'releaseWishedAt'>;

export interface RequestOptions extends CallOptions {
  /**
   * greenroom handles `interactive` requests first; `bulk` requests use the rest of the quota. Any other value causes a RangeError.
   * Default: `interactive`
   */
  lane?: Lane | undefined;
}

/** The result of sending a request. */
export type RequestResult =
  /** SQS has accepted the request. `requestedAt` is the time just before it was sent. Pass it to `waitFor`. */
  | { kind: 'sent'; idempotencyKey: string; requestedAt: string }
  /** The request was not sent, because greenroom would refuse it. `problems` contains all of its problems. */
  | { kind: 'invalid'; idempotencyKey?: string; problems: Problem[] }
  /** SQS has not accepted the request, even after several attempts. */
  | { kind: 'not-sent'; idempotencyKey: string; problem: string };
