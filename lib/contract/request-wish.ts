import type { Problem } from './problems.ts';
import { releaseTimeProblems, switchedOffProblems, timeIn } from './release-problems.ts';
import type { Wish } from './release-wish.ts';
import type { RoomRequest } from './room-request.ts';

/**
 * The problems of the wish in a request.
 * @param sent.isFromRoster whether one of greenroom's own functions sent the request. It has checked how far ahead the release is
 */
export function requestWishProblems(
  payload: Record<string, unknown> = {},
  sent: { isFromRoster: boolean; sentAtMs: number; releases: boolean },
): Problem[] {
  const off = switchedOffProblems(payload, ['releaseAt', 'releaseWishedAt'], sent.releases);
  if (off.length > 0) return off;
  return releaseTimeProblems('releaseAt', timeIn(payload.releaseAt), sent.isFromRoster ? undefined : sent.sentAtMs);
}

/**
 * The wish of a valid request, and when the request was made. Of several times, the earliest counts, so that neither a redrive nor a late
 * sender makes an old wish the newest (rule ASKED).
 */
export function requestWish(
  { releaseAt, releaseWishedAt }: RoomRequest,
  firstSentAtMs: number,
): { askedAtMs: number; wish?: Wish } {
  const askedAtMs = Math.min(firstSentAtMs, timeIn(releaseWishedAt) ?? firstSentAtMs);
  const releaseAtMs = timeIn(releaseAt);
  return { askedAtMs, ...(releaseAtMs !== undefined && { wish: { releaseAtMs, wishedAtMs: askedAtMs } }) };
}
