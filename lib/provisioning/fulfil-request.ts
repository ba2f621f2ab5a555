import { type Completion, keyReleasedCompletion, keyReusedCompletion } from '../contract/completion.ts';
import type { ProvisionedRoom } from '../contract/room.ts';
import type { Refusal } from '../ledger/claim.ts';
import { isAnswerTo } from '../ledger/judge-item.ts';
import { PREPARATION_MS } from '../pace/pacer.ts';
import type { Slot } from '../pace/slot.ts';
import { decideGivenUp, decideRoom, type ReasonToGiveUp } from './decide.ts';
import type { Invocation } from './invocation.ts';
import type { Job, RequestMessage } from './job.ts';
import { answeredWith, type Outcome } from './outcome.ts';
import { storeOwnWish } from './own-wish.ts';
import { postponed } from './postponed.ts';
import { Postponement } from './postponement.ts';
import { proberOf } from './prober-of.ts';
import { publishCompletion } from './publish-completion.ts';
import { publishDecided, publishReleasedAgain } from './publish-decided.ts';
import { reactToFailure } from './react-to-failure.ts';
import { resolveIntent } from './reconcile.ts';
import { failIfReleaseIsDue } from './release-due.ts';
import { sendCreateRoom } from './send-create-room.ts';
import type { Services } from './services.ts';
import { takeSlotOrStop } from './take-slot.ts';
import { withClaim } from './with-claim.ts';

/**
 * Fulfils one room request: claim, reconcile, pace, create, checkpoint, publish, complete.
 *
 * This file shows the steps in order. docs/ledger.md gives the reasons for the order.
 * @throws Postponement if the claim was refused and the completion cannot be published now. Any other error is a bug
 */
export async function fulfilRequest(
  message: RequestMessage,
  invocation: Invocation,
  services: Services,
): Promise<Outcome> {
  const { ledger, clock, config } = services;
  const result = await withClaim(
    message,
    {
      ledger,
      clock,
      leaseEndMs: invocation.leaseEndMs,
      keyRetentionSeconds: config.keyRetentionSeconds,
      timing: config.timing,
    },
    invocation.lambdaContext,
    (claim) => work({ claim, message, invocation, services }),
  );
  switch (result.kind) {
    case 'completed':
      // Rule FINISH: the decision that this worker found is now published and completed. Only now may this request claim the key.
      return isAnswerTo(result.item, message)
        ? answered(result.item.completion, result.byUs)
        : fulfilRequest(message, invocation, services);
    case 'refused':
      return answerRefusal(result.refusal, message, invocation, services);
    case 'postponed':
      return postponed(result.postponement, { ...message, ...result }, services);
    case 'damaged':
      return { kind: 'parked', reason: 'damaged-item', detail: result.error.message };
  }
}

/** Decides the claim if it is undecided, and publishes the decision. Afterwards, Powertools completes the item. */
async function work(job: Job): Promise<void> {
  if (job.message.wish) job.claim.noteWish(await storeOwnWish(job.message, job.claim.item, job.services));
  if (job.claim.item.decision === undefined) await decide(job);
  await publishDecided(job.claim.decided, job.message, job.services, job.invocation.signal);
}

/** Creates the room, adopts the room of an earlier attempt, or decides that the request failed. */
async function decide(job: Job): Promise<void> {
  // An intent without a decision means that a room may exist. Until the intent is resolved, the worker creates no room and does not decide
  // that the request has failed.
  const intentMs = job.claim.item.create_started_at;
  if (intentMs !== undefined) {
    const room = await resolveIntent(job, intentMs);
    if (room) {
      await decideRoom(job, room, outcomeOf(job, room));
      return job.services.breaker.noteAdopted(job.message.region, job.message.ledgerKey, intentMs);
    }
  }
  let heldProbe: Slot | undefined;
  for (let attempt = 1; ; attempt++) {
    const reason = reasonToGiveUp(job);
    if (reason) return decideGivenUp(job, reason);
    if (await failIfReleaseIsDue(job)) return;
    // The slot is reserved before the intent is written, so that the call need not wait for a free slot between intent and send.
    const options = { api: 'CreateRoom', leadMs: PREPARATION_MS, prober: proberOf(job, heldProbe) } as const;
    const slot = await takeSlotOrStop(job, options, job.message.bulkJob);
    if (slot.kind === 'stopped') continue;
    const result = await sendCreateRoom(job, slot);
    if (result.kind === 'created') {
      await decideRoom(job, result.room, 'created');
      return job.services.breaker.noteSuccess(job.message.region, slot);
    }
    const reaction = await reactToFailure(job, result, attempt);
    if (reaction === 'decided') return;
    heldProbe = slot.probe ? slot : undefined;
  }
}

/**
 * Rule SAME: the completion of a rebuilt room has usually been published already, with the outcome `created`. With the same outcome, the
 * new completion has the same id, so that consumers drop it.
 */
function outcomeOf({ claim }: Job, { arn }: ProvisionedRoom): 'created' | 'adopted' {
  return claim.item.rebuilt_from === arn ? 'created' : 'adopted';
}

/**
 * A job that an operator has stopped gets no further rooms. The failure applies only to the job's own messages, and not to other requests for
 * the same key (rule STOP).
 */
function reasonToGiveUp({ claim, message, invocation, services }: Job): ReasonToGiveUp | undefined {
  if (services.pacer.isStopped(message.bulkJob)) return 'stopped';
  if (services.clock.nowMs() > claim.neededByMs) return 'expired';
  return invocation.deadLetters ? 'dead-lettered' : undefined;
}

async function answerRefusal(
  refusal: Refusal,
  message: RequestMessage,
  { signal }: Invocation,
  services: Services,
): Promise<Outcome> {
  switch (refusal.kind) {
    case 'busy':
      return postponed(
        new Postponement('busy', { endsAtMs: refusal.leaseEndMs }),
        { ...message, ...refusal },
        services,
      );
    case 'replay': {
      await storeOwnWish(message, refusal.item, services);
      await publishDecided(refusal.item, message, services, signal);
      if (refusal.item.decision === 'room') await publishReleasedAgain(refusal.item, services);
      return answeredWith('replayed', refusal.item.completion);
    }
    case 'key-released': {
      const { claim_id: claimId, generation } = refusal.item;
      const completion = keyReleasedCompletion({ ...factsOf(message, services), claimId, generation });
      await publishCompletion(services, completion, message);
      return answeredWith('key-released', completion);
    }
    case 'key-reused': {
      const completion = keyReusedCompletion({ ...factsOf(message, services), claimId: refusal.claimId });
      await publishCompletion(services, completion, message);
      return answeredWith('key-reused', completion);
    }
    case 'may-not-claim':
      await publishCompletion(services, refusal.completion, message);
      return answeredWith('invalid', refusal.completion);
  }
}

/** The facts about a request whose completion the ledger does not store, because the request does not change the key's item. */
function factsOf({ request, region, payloadHash }: RequestMessage, { config, clock }: Services) {
  const { idempotencyKey, tenant } = request;
  return { stage: config.stage, idempotencyKey, tenant, region, payloadHash, decidedAtMs: clock.nowMs() };
}

function answered(completion: Completion, byUs: boolean): Outcome {
  return answeredWith(byUs ? completion.data.outcome : 'replayed', completion);
}
