import { knownState } from '../../client/describe/request-state.ts';
import { type StatusSubject, statusSteps } from '../../client/describe/status-steps.ts';
import { timeText } from '../../client/describe/time-text.ts';
import { standingWish } from '../../client/operate/release/room-release.ts';
import type { RequestStatus } from '../../client/operate/request-status.ts';
import type { LedgerItem, StoredItem } from '../../lib/ledger/ledger-item.ts';
import { wishJson } from './release-json.ts';

/** The state of a request, for programs. Times are ISO 8601. Fields that the item does not have are left out. */
export function statusJson(subject: StatusSubject, status: RequestStatus, nowMs: number): Record<string, unknown> {
  if (status.kind === 'unknown') return { ...subject, state: 'unknown' };
  if (status.kind === 'damaged') return { ...subject, state: 'damaged', problem: status.problem };
  if (status.kind === 'wish-only')
    return {
      ...subject,
      idempotencyKey: status.item.idempotency_key,
      state: 'not-requested',
      ...wishOf(status.item),
      rememberedUntil: status.expiresAtMs && timeText(status.expiresAtMs),
    };
  const { item, expiresAtMs, roomCheck } = status;
  return {
    ...subject,
    ...(item.idempotency_key !== undefined && { idempotencyKey: item.idempotency_key }),
    state: knownState(status),
    region: item.region,
    generation: item.generation,
    leaseUntil: item.status === 'INPROGRESS' && item.lease_end > 0 ? timeText(item.lease_end) : undefined,
    neededBy: item.needed_by && timeText(item.needed_by),
    intentAt: item.create_started_at && timeText(item.create_started_at),
    rebuiltFrom: item.rebuilt_from,
    deniedAt: item.denied_at && timeText(item.denied_at),
    ...waitsJson(status),
    ...(item.decision !== undefined && {
      decidedAt: timeText(item.decided_at),
      decision: item.decision,
      completion: item.completion,
    }),
    ...(item.decision === 'room' && { roomArn: item.room_arn }),
    ...wishOf(item),
    ...(item.decision === 'room' && {
      markedAt: item.release_marked_at && timeText(item.release_marked_at),
      releasedAt: item.released_at && timeText(item.released_at),
    }),
    ...(roomCheck && { roomCheck: { exists: roomCheck.exists, at: timeText(roomCheck.atMs) } }),
    rememberedUntil: expiresAtMs && timeText(expiresAtMs),
    history: statusSteps(subject, status, nowMs).map(({ atMs, text }) => ({
      ...(atMs !== undefined && { at: timeText(atMs) }),
      text: text.trim(),
    })),
  };
}

/** The wish that applies to the room of the key. */
function wishOf(item: StoredItem): object {
  const wish = standingWish(item);
  return wish === undefined ? {} : { wish: wishJson(wish) };
}

function waitsJson({ item, wait }: Extract<RequestStatus, { kind: 'known' }>): object {
  return {
    ...(item.waits !== undefined && { waits: byReason(item.waits) }),
    ...(wait && {
      waitsFor: {
        reason: wait.reason,
        since: timeText(wait.sinceMs),
        last: timeText(wait.lastMs),
        count: wait.count,
        ...(wait.untilMs !== undefined && { nextAttemptBy: timeText(wait.untilMs) }),
      },
    }),
  };
}

function byReason(waits: NonNullable<LedgerItem['waits']>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(waits).map(([reason, { first, last, count }]) => [
      reason,
      { since: timeText(first), last: timeText(last), count },
    ]),
  );
}
