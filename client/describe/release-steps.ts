import { KEEP_MS } from '../../lib/contract/release-wish.ts';
import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';
import { wishOf } from '../../lib/ledger/wish.ts';
import { type StandingWish, standingWish } from '../operate/release/room-release.ts';
import type { Step } from './step.ts';
import { timeText } from './time-text.ts';

/** The known steps of the release of a key's room, in chronological order. */
export function releaseSteps(item: LedgerItem, nowMs: number): Step[] {
  const wish = standingWish(item);
  const { release_marked_at: markedAtMs, released_at: releasedAtMs } = item.decision === 'room' ? item : {};
  return [
    ...(wish === undefined ? earlierWish(item) : [wishStep(wish)]),
    ...(markedAtMs === undefined ? dueSteps(wish, nowMs) : [{ atMs: markedAtMs, text: 'the release became final' }]),
    ...(releasedAtMs === undefined ? [] : [{ atMs: releasedAtMs, text: 'released: the room is deleted' }]),
  ];
}

/** A wish as one line with the time at which it was made. */
export function wishStep({ wishedAtMs, releaseAtMs }: StandingWish): Step {
  if (releaseAtMs === KEEP_MS) return { atMs: wishedAtMs, text: 'requested to keep the room' };
  return { atMs: wishedAtMs, text: `release requested for ${timeText(releaseAtMs)}` };
}

/** A wish of an earlier generation, which failed. */
function earlierWish(item: LedgerItem): Step[] {
  const wish = wishOf(item);
  if (wish === undefined) return [];
  const { text } = wishStep({ ...wish, notBeforeMs: wish.dueAtMs });
  return [{ atMs: wish.wishedAtMs, text: `${text}, before the failure of an earlier request: this no longer applies` }];
}

function dueSteps(wish: StandingWish | undefined, nowMs: number): Step[] {
  if (wish === undefined || wish.releaseAtMs === KEEP_MS) return [];
  const { notBeforeMs } = wish;
  if (notBeforeMs <= nowMs) return [{ atMs: notBeforeMs, text: 'the release has been due since then' }];
  return [{ atMs: notBeforeMs, text: 'the room will be released then, unless it is kept or gets a later time first' }];
}
