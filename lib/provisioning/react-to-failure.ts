import { type BackoffPolicy, backoffMs } from '../platform/backoff.ts';
import { decideRefused, decideRoom } from './decide.ts';
import type { Job } from './job.ts';
import { noteThrottle } from './paced-call.ts';
import { Postponement, type PostponeReason } from './postponement.ts';
import { namedTenant } from './prober-of.ts';
import { findAlreadyListed } from './reconcile.ts';
import { type FailedAttempt, regionClosedSince } from './send-create-room.ts';
import { noteBreakerAge, turnAway } from './take-slot.ts';

/**
 * The reaction to a failed attempt within this invocation. If the request must wait outside the invocation, a Postponement is thrown
 * instead.
 */
export type Reaction = 'decided' | 'retry';

// The maximum number of attempts in one invocation that fail for a temporary reason. After that, the message waits in its queue.
const MAX_ATTEMPTS = 3;
const BRIEF: BackoffPolicy = { baseMs: 500, capMs: 4_000 };
// The room may be listed within a second. Finding it then saves the request a much longer wait in the queue.
const QUICK_SEARCH_AFTER_MS = 1_000;

/**
 * The failure table: what a failed CreateRoom means for its request and, if the call was a probe, for its region. `quota`, `blocked` and a
 * denial of the whole account show that the region is still closed. An adopted room shows that it is open. All other failures show nothing
 * about the region. This includes `refused`, `not-found` and `conflict`, because AWS does not document whether IVS Chat checks the request
 * or the quota first.
 * @throws Postponement if the request must wait outside this invocation
 */
export async function reactToFailure(job: Job, failed: FailedAttempt, attempt: number): Promise<Reaction> {
  const { claim } = job;
  const { kind } = failed.failure;
  switch (kind) {
    case 'ambiguous':
      return adoptOrSettle(job, failed);
    case 'refused':
    case 'not-found':
      await decideRefused(job, failed.failure, kind);
      return 'decided';
    case 'denied':
      return reactToDenial(job, failed);
    case 'throttled':
      await claim.clearIntent(failed.replacedIntentMs);
      await noteThrottle(job, 'CreateRoom', failed.slot);
      return retryOrPostpone(job, attempt, kind);
    case 'slot-missed':
    case 'job-stopped':
      await claim.clearIntent(failed.replacedIntentMs);
      return 'retry';
    case 'breaker-opened':
      await claim.clearIntent(failed.replacedIntentMs);
      return retryIfRegionIsOpen(job, failed);
    case 'never-sent':
      await claim.clearIntent(failed.replacedIntentMs);
      return retryOrPostpone(job, attempt, kind);
    case 'conflict':
      await claim.clearIntent(failed.replacedIntentMs);
      return retryOrPostpone(job, attempt, kind);
    case 'quota':
    case 'blocked':
      await closeRegion(job, failed, kind);
      throw untilNextProbe(job, kind);
  }
}

/** Opens the breaker, because the room quota is reached or the account is blocked. */
async function closeRegion({ claim, message, services }: Job, failed: FailedAttempt, reason: 'quota' | 'blocked') {
  const closed = { region: message.region, ledgerKey: message.ledgerKey, reason };
  // The breaker stops this worker's calls before any write. Otherwise the calls with the next slots would be sent during the write.
  services.breaker.stop(closed);
  await claim.clearIntent(failed.replacedIntentMs);
  await services.breaker.open({ ...closed, slot: failed.slot });
}

/**
 * A request that opened the breaker, or found the breaker still open, waits until the request may probe again. A separately computed wait
 * would usually end a little earlier, and the request would be received twice for each probe.
 */
function untilNextProbe(job: Job, reason: PostponeReason): Postponement {
  const closed = regionClosedSince(job);
  if (closed) noteBreakerAge(closed, job.services);
  return new Postponement(reason, closed && { endsAtMs: closed.untilMs });
}

/** The call may have had an effect, so it is never repeated here. Either the room is found, or the message waits in its queue. */
async function adoptOrSettle(job: Job, { intentMs, slot }: FailedAttempt): Promise<Reaction> {
  const { message, services, invocation } = job;
  await services.clock.sleep(QUICK_SEARCH_AFTER_MS, invocation.signal);
  await decideRoom(job, await findAlreadyListed(job, intentMs), 'adopted');
  // The call has created its room. If it was the probe, the region is open.
  await services.breaker.noteSuccess(message.region, slot);
  return 'decided';
}

/**
 * The call was not sent, because another call found the region closed. If the region is open again by now, the next attempt takes another
 * slot.
 */
function retryIfRegionIsOpen(job: Job, { slot }: FailedAttempt): Reaction {
  const closed = regionClosedSince(job, slot);
  if (closed) throw turnAway(closed, job);
  return 'retry';
}

/** If other calls succeed, a denial concerns only this request. Otherwise it may concern the whole account, and a person must act. */
async function reactToDenial(job: Job, failed: FailedAttempt): Promise<Reaction> {
  const { claim, message, services } = job;
  const deniedBeforeMs = claim.item.denied_at;
  const { isOnlyThisKey, atMs } = await services.breaker.noteDenial({
    region: message.region,
    ledgerKey: message.ledgerKey,
    tenant: namedTenant(message),
    deniedBeforeMs,
    slot: failed.slot,
  });
  if (isOnlyThisKey) {
    await decideRefused(job, failed.failure, 'access-denied');
    return 'decided';
  }
  await claim.clearIntent(failed.replacedIntentMs, deniedBeforeMs ?? atMs);
  throw untilNextProbe(job, 'denied');
}

async function retryOrPostpone(job: Job, attempt: number, reason: PostponeReason): Promise<Reaction> {
  if (attempt >= MAX_ATTEMPTS) throw new Postponement(reason);
  const { clock, random } = job.services;
  await clock.sleep(backoffMs(attempt, BRIEF, random), job.invocation.signal);
  return 'retry';
}
