import { OPEN_REASONS, type OpenReason, type PaceItem } from '../../lib/pace/pace-item.ts';
import { isDeniedToKeys } from '../../lib/pace/probe.ts';

/** Why a region accepts no rooms. docs/operations.md and `greenroom status` use the same words for the corresponding reasons to wait. */
export type KnownOpenReason = OpenReason | 'unknown';

/** What each reason means for a region, and what to do about it. No command is needed afterwards: the next probe notices the change. */
export const OPEN_REASON_TEXTS: Record<KnownOpenReason, { meaning: string; remedy: string }> = {
  quota: {
    meaning: 'it has as many rooms as its quota allows',
    remedy: 'release or delete rooms, or request a higher "Rooms" quota for IVS Chat in Service Quotas',
  },
  blocked: {
    meaning: 'AWS has not verified the account yet',
    remedy: 'complete the verification of the account, or ask AWS Support',
  },
  denied: {
    meaning: 'access to CreateRoom is denied',
    remedy:
      "look for a statement that denies ivschat:CreateRoom or ivschat:TagResource: in the role ProvisionRoomsRole, its permissions boundary, and the organization's policies",
  },
  unknown: {
    meaning: 'its room quota is reached, or the account is blocked (a worker of an earlier version has found this)',
    remedy: 'wait for the next probe, which finds out the reason',
  },
};

/** Why the breaker of a region is open; undefined if it is closed. */
export function openReasonOf(item: PaceItem): KnownOpenReason | undefined {
  if (item.open_until === undefined) return undefined;
  // Workers of the previous version store no reason, but they note denials.
  return item.open_reason ?? (isDeniedToKeys(item) ? 'denied' : 'unknown');
}

/** The reasons for which breakers are open, each once. */
export function openReasonsOf(items: readonly PaceItem[]): KnownOpenReason[] {
  const found = new Set(items.map(openReasonOf));
  return [...OPEN_REASONS, 'unknown' as const].filter((reason) => found.has(reason));
}
