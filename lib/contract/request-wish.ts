import type { Problem } from './problems.ts';
import { releaseTimeProblems, switchedOffProblems, timeIn } from './release-problems.ts';
import type { Wish } from './release-wish.ts';
import type { RoomRequest } from './room-request.ts';

/**
 * The problems of the release time in a request.
 * @param sent.isFromRoster whether one of greenroom's own functions sent the request. That function has already checked how far ahead the
 *   release is
 */
export function requestWishProblems(
  payload: Record<string, unknown> = {},
  sent: { isFromRoster: boolean; sentAtMs: number },
): Problem[] {
  return releaseTimeProblems('releaseAt', timeIn(payload.releaseAt), sent.isFromRoster ? undefined : sent.sentAtMs);
}

/**
 * The problems of a request with a wish in a deployment that releases no rooms. A request of greenroom's own functions has none: its row or
 * live event was accepted before releases were switched off.
 */
export function requestOffProblems(
  payload: Record<string, unknown> = {},
  sent: { isFromRoster: boolean; releases: boolean },
): Problem[] {
  return switchedOffProblems(payload, ['releaseAt', 'releaseWishedAt'], sent.releases || sent.isFromRoster);
}

/**
 * The wish of a valid request, and when the request was made. If several times are known, the earliest counts. Otherwise, a redrive or a late
 * sender could make an old wish the newest (rule ASKED).
 */
export function requestWish(
  { releaseAt, releaseWishedAt }: RoomRequest,
  firstSentAtMs: number,
): { askedAtMs: number; wish?: Wish } {
  const askedAtMs = Math.min(firstSentAtMs, timeIn(releaseWishedAt) ?? firstSentAtMs);
  const releaseAtMs = timeIn(releaseAt);
  return { askedAtMs, ...(releaseAtMs !== undefined && { wish: { releaseAtMs, wishedAtMs: askedAtMs } }) };
}
