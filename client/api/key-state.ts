import type { Completion } from '../../lib/contract/completion.ts';
import type { Region } from '../../lib/contract/regions.ts';

type FailedData = Extract<Completion, { type: 'greenroom.room.failed.v1' }>['data'];
type ProvisionedData = Extract<Completion, { type: 'greenroom.room.provisioned.v1' }>['data'];

/** The room of a key, at the time of the read. */
export interface ProvisionedKey {
  kind: 'provisioned';
  idempotencyKey: string;
  tenant: string;
  region: Region;
  /** CreateRoom's response: `arn`, `id`, `name` and so on. */
  room: ProvisionedData['room'];
  outcome: ProvisionedData['outcome'];
  /** How many times the key was claimed again after a failure. */
  generation: number;
  decidedAt: string;
  /** The id of the completion that announces the room. */
  completionId: string;
  /** The release time that applies now. Absent if the room is kept. */
  releaseAt?: string;
  /** The time until which the room is safe from the release that was stored when the key was read. Absent if no release was stored. */
  cacheableUntil?: string;
}

/** The state of a key according to the ledger. Only the kind `provisioned` has a room that can be used. */
export type KeyState =
  | ProvisionedKey
  /** A request with the key is in progress. */
  | { kind: 'pending'; idempotencyKey: string; region?: Region; generation: number; neededBy?: string }
  /** The last request with the key failed. If `retryable`, the same request may succeed if it is sent again. */
  | ({ kind: 'failed'; idempotencyKey: string; decidedAt: string; completionId: string } & Pick<
      FailedData,
      'reason' | 'error' | 'problems' | 'retryable' | 'generation'
    >)
  /** The release of the room is due. If `isFinal`, it cannot be withdrawn any more. The room may be deleted at any moment. */
  | { kind: 'releasing'; idempotencyKey: string; isFinal: boolean; releaseAt: string }
  /** The room was released: it does not exist any more. */
  | { kind: 'released'; idempotencyKey: string; releasedAt: string }
  /**
   * greenroom has not handled a request with the key, or has forgotten it. `releaseAt` is present if a release command arrived before the
   * request.
   */
  | { kind: 'not-requested'; idempotencyKey: string; releaseAt?: string }
  /** The key belongs to a tenant other than this program's. */
  | { kind: 'other-tenant'; idempotencyKey: string }
  /** The item of the key is damaged, or was written by a later release. A person must examine it. */
  | { kind: 'unreadable'; idempotencyKey: string; problem: string };
