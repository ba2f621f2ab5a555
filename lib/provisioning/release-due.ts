import { openWish } from '../ledger/wish.ts';
import { decideReleaseDue } from './decide.ts';
import type { Job } from './job.ts';
import { Postponement } from './postponement.ts';

/**
 * Decides that a request failed, because its room would have to be released immediately. Call this only if there is no unresolved intent.
 * @returns whether the request failed. If not, the worker may create the room
 * @throws Postponement if the release time has passed, but a command's grace period has not: the command can still be withdrawn
 */
export async function failIfReleaseIsDue(job: Job): Promise<boolean> {
  const { claim, services } = job;
  const { clockErrorMs } = services.config.timing;
  for (let wish = openWish(claim.item); wish; wish = openWish(claim.item)) {
    // Rule MARGIN
    const dueUntilMs = services.clock.nowMs() - clockErrorMs;
    if (wish.releaseAtMs > dueUntilMs) return false;
    if (wish.dueAtMs > dueUntilMs) throw new Postponement('release-grace', { endsAtMs: wish.dueAtMs + clockErrorMs });
    if (await decideReleaseDue(job)) return true;
  }
  return false;
}
