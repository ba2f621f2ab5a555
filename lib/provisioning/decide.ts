import { DeleteRoomCommand } from '@aws-sdk/client-ivschat';
import { type FailureReason, failedCompletion, provisionedCompletion } from '../contract/completion.ts';
import type { ProvisionedRoom } from '../contract/room.ts';
import { LeaseLostError } from '../ledger/held-item.ts';
import { isExtraRoom } from '../ledger/is-extra-room.ts';
import type { LedgerItem } from '../ledger/ledger-item.ts';
import { ownTags } from '../ledger/room-tags.ts';
import { classifyFailure, type Failure } from '../platform/classify-failure.ts';
import type { Job } from './job.ts';
import { pacedCall } from './paced-call.ts';

/** Writes the checkpoint: this room is the outcome. If another worker has taken over the claim, deletes the room if it is extra. */
export async function decideRoom(job: Job, room: ProvisionedRoom, outcome: 'created' | 'adopted'): Promise<void> {
  const { claim, services } = job;
  const nowMs = services.clock.nowMs();
  const tags = ownTags(claim.item, services.config);
  const late = nowMs > claim.neededByMs;
  const completion = provisionedCompletion({ ...decidedNow(job, nowMs), outcome, late, room });
  try {
    await claim.decideRoom(room.arn, completion, nowMs);
  } catch (error) {
    if (error instanceof LeaseLostError) await deleteIfExtra(job, { arn: room.arn, tags }, error.item);
    throw error;
  }
}

/** Why greenroom gives up on a request although IVS Chat has not refused it. */
export type ReasonToGiveUp = Extract<FailureReason, 'expired' | 'dead-lettered' | 'stopped'>;

/** Decides that the request failed: no attempt has created a room, and there will be no further attempt. */
export function decideGivenUp(job: Job, reason: ReasonToGiveUp): Promise<void> {
  const neededBy = new Date(job.claim.neededByMs).toISOString();
  const error = {
    expired: { name: 'Expired', message: `No room could be created by ${neededBy}, when it was needed.` },
    'dead-lettered': { name: 'DeadLettered', message: 'Every attempt to handle the request crashed.' },
    stopped: { name: 'Stopped', message: 'The bulk job was stopped before the room was created.' },
  }[reason];
  return decideFailed(job, { reason, error, retryable: true });
}

/**
 * Decides that the request failed, because its room would have to be released immediately.
 * @returns whether the failure was stored. If not, another wish has arrived
 */
export function decideReleaseDue(job: Job): Promise<boolean> {
  const nowMs = job.services.clock.nowMs();
  const completion = failedCompletion({
    ...decidedNow(job, nowMs),
    reason: 'release-due',
    error: { name: 'ReleaseDue', message: 'The release of the room was due before the room was created.' },
    retryable: true,
  });
  return job.claim.decideReleaseDue(completion, nowMs);
}

/** Decides that the request failed, because CreateRoom refused it and certainly had no effect. */
export function decideRefused(
  job: Job,
  { name, message, fieldList }: Failure,
  reason: 'refused' | 'not-found' | 'access-denied',
): Promise<void> {
  const retryable = reason !== 'refused';
  return decideFailed(job, { reason, error: { name, message }, ...(fieldList && { fieldList }), retryable });
}

function decideFailed(
  job: Job,
  failed: {
    reason: FailureReason;
    error: { name: string; message: string };
    fieldList?: { name: string; message: string }[];
    retryable: boolean;
  },
): Promise<void> {
  const nowMs = job.services.clock.nowMs();
  return job.claim.decideFailed(failedCompletion({ ...decidedNow(job, nowMs), ...failed }), nowMs);
}

function decidedNow({ claim, message, services }: Job, decidedAtMs: number) {
  return {
    stage: services.config.stage,
    idempotencyKey: message.request.idempotencyKey,
    tenant: claim.item.tenant ?? message.request.tenant,
    region: message.region,
    claimId: claim.item.claim_id,
    generation: claim.item.generation,
    payloadHash: message.payloadHash,
    decidedAtMs,
  };
}

/**
 * A worker that has lost its lease deletes its room only if the room is extra, because the new owner of the claim may still adopt the room.
 */
async function deleteIfExtra(
  job: Job,
  room: { arn: string; tags: Record<string, string> },
  item: LedgerItem | undefined,
): Promise<void> {
  if (!isExtraRoom(room, item)) return;
  const { message, services } = job;
  const { ledgerKey, correlationId, traceparent } = message;
  const line = { arn: room.arn, ledgerKey, correlationId, traceparent };
  try {
    const command = new DeleteRoomCommand({ identifier: room.arn });
    await pacedCall(job, 'DeleteRoom', (client, options) => client.send(command, options));
    services.log.info('Deleted an extra room', line);
  } catch (error) {
    // The room was never published, and the sweep checks it with the same predicate.
    services.log.warn('Could not delete an extra room; it is left for the sweep', {
      ...line,
      error: classifyFailure(error, true).name,
    });
  }
}
