import { timeText } from '../../client/describe/time-text.ts';
import type { ReleaseIntent, ReleasePlan } from '../../client/operate/release/plan-release.ts';
import type { RoomRelease, StandingWish } from '../../client/operate/release/room-release.ts';
import { KEEP_MS, releaseAtText } from '../../lib/contract/release-wish.ts';

/** A room with the wish that applies to it, for programs. Fields without a value are left out. */
export function roomReleaseJson({ key, region, state, tenant, roomName, arn, ...times }: RoomRelease): object {
  return { key, region, state, tenant, roomName, roomArn: arn, ...timesJson(times) };
}

/** The release state of a room that is described elsewhere, for programs. */
export function releaseFactsJson({ state, ...times }: RoomRelease): object {
  return { state, ...timesJson(times) };
}

function timesJson({ wish, markedAtMs, releasedAtMs }: Pick<RoomRelease, 'wish' | 'markedAtMs' | 'releasedAtMs'>) {
  return {
    wish: wish && wishJson(wish),
    markedAt: markedAtMs && timeText(markedAtMs),
    releasedAt: releasedAtMs && timeText(releasedAtMs),
  };
}

/** A wish, for programs. `releaseAt`: null if the room is kept. */
export function wishJson({ releaseAtMs, wishedAtMs, notBeforeMs }: StandingWish): object {
  return {
    releaseAt: releaseAtText(releaseAtMs),
    wishedAt: timeText(wishedAtMs),
    ...(releaseAtMs !== KEEP_MS && { notBefore: timeText(notBeforeMs) }),
  };
}

/** The totals of a release, for programs. @param sent how many commands were sent; undefined for a dry run */
export function releaseJson(
  { toSend, total, states, regions, leftOut, otherTime, kept, seconds }: ReleasePlan,
  { releaseAtMs }: ReleaseIntent,
  sent?: { count: number; wishedAtMs: number },
): object {
  return {
    total,
    states,
    regions,
    leftOut,
    toSend: toSend.length,
    ...(releaseAtMs !== undefined && { releaseAt: releaseAtText(releaseAtMs) }),
    replacedTimes: otherTime,
    replacedKeeps: kept,
    seconds: releaseAtMs === KEEP_MS ? undefined : seconds,
    ...(sent && { sent: sent.count, wishedAt: timeText(sent.wishedAtMs) }),
  };
}
