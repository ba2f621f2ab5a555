import type { Lane } from '../contract/lanes.ts';
import type { Wish } from '../contract/release-wish.ts';
import type { RoomRequest } from '../contract/room-request.ts';
import type { Claim } from '../ledger/claim.ts';
import type { Claimant } from '../ledger/claim-changes.ts';
import type { ReceivesLeft } from '../platform/waits.ts';
import type { Invocation } from './invocation.ts';
import type { RequestContext } from './publish-completion.ts';
import type { Services } from './services.ts';

/** A valid room request, with the facts about the message that carried it. */
export interface RequestMessage extends Claimant, RequestContext {
  request: RoomRequest;
  region: NonNullable<RoomRequest['region']>;
  lane: Lane;
  /** The request's own wish: when to release its room. Undefined if the request states no release time. */
  wish: Wish | undefined;
  /** When SQS first delivered the message, in epoch milliseconds. */
  firstReceivedMs: number;
  receivesLeft: ReceivesLeft | undefined;
}

/** A request, and the claim that entitles the worker to handle it. */
export interface Job {
  claim: Claim;
  message: RequestMessage;
  invocation: Invocation;
  services: Services;
}
