import { DEFAULT_TENANT } from '../contract/room-request.ts';
import { currentCause } from '../ledger/causes.ts';
import type { Prober } from '../pace/probe.ts';
import type { Slot } from '../pace/slot.ts';
import type { Job } from './job.ts';
import type { PostponeReason } from './postponement.ts';

/** The reasons for a wait that follows the request's own CreateRoom call. */
const AFTER_A_CALL: readonly PostponeReason[] = [
  'quota',
  'blocked',
  'denied',
  'throttled',
  'conflict',
  'never-sent',
  'unsettled',
];

/**
 * The facts that determine whether and when a request may probe an open breaker.
 * @param heldProbe the slot of the request's last call in this invocation, if that call was a probe and must be repeated
 */
export function proberOf(
  { claim, message, services }: Pick<Job, 'claim' | 'message' | 'services'>,
  heldProbe?: Slot,
): Prober & { heldProbe: Slot | undefined } {
  const { waits } = claim.item;
  const nowMs = services.clock.nowMs();
  const turnedAwayMs = currentCause(waits, 'breaker-open', nowMs)?.first;
  const calls = AFTER_A_CALL.flatMap((reason) => waits?.[reason]?.last ?? []);
  return {
    ledgerKey: message.ledgerKey,
    tenant: namedTenant(message),
    // Another message with the same key may have a later `neededBy`. It must not make this message less urgent.
    neededByMs: message.neededByMs > nowMs ? message.neededByMs : claim.neededByMs,
    wasDenied: claim.item.denied_at !== undefined,
    waitsSinceMs: calls.length > 0 ? Math.max(turnedAwayMs ?? 0, ...calls) : (turnedAwayMs ?? nowMs),
    heldProbe,
  };
}

/** The tenant of a message. The default tenant counts as none, because a failure of one of its requests says nothing about the others. */
export function namedTenant({ tenant }: Pick<Job['message'], 'tenant'>): string | undefined {
  return tenant === DEFAULT_TENANT ? undefined : tenant;
}
