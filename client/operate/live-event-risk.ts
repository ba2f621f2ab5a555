import type { RefusedRevision } from '../../lib/live-events/refused-revision.ts';

/** The state of a live event. `waiting`: its rooms are not requested yet. `incomplete`: some of its rooms will not be created. */
export type ListedState = 'waiting' | 'opening' | 'ready' | 'incomplete' | 'cancelled';

/** A warning that rooms of an event may be missing at its start. The rooms are still missing. */
export interface AtRisk {
  /** `check`: the rooms were missing at the check. `pace`: the rooms are expected only after the start. */
  cause: 'check' | 'pace';
  roomsMissing: number;
  /** Only for `pace`: when all rooms are expected to exist, if the rooms were requested. */
  expectedAtMs?: number;
}

/** A message that was not applied to its event. */
export interface NotApplied {
  /** Absent if the message has no readable revision. */
  revision?: number;
  problems: { path: string; message: string }[];
  problemsTotal: number;
  refusedAtMs: number;
}

export function stateOf(
  live_state: 'pending' | 'opened' | 'cancelled',
  { roomsReady, roomsFailed, roomsTotal }: { roomsReady: number; roomsFailed: number; roomsTotal: number },
): ListedState {
  if (live_state === 'cancelled') return 'cancelled';
  if (live_state === 'pending') return 'waiting';
  if (roomsReady >= roomsTotal) return 'ready';
  return roomsReady + roomsFailed >= roomsTotal ? 'incomplete' : 'opening';
}

/**
 * Whether an event is at risk now. The event's item records which revision was warned about and which was checked. Rooms are never removed
 * from an event, so rooms that are missing after the check were also missing at the check.
 */
export function atRiskOf(
  { state, revision, roomsMissing }: { state: ListedState; revision: number; roomsMissing: number },
  item: { checked_revision?: number | undefined; warned_revision?: number | undefined; ready_by?: number | undefined },
): AtRisk | undefined {
  if (state === 'ready' || state === 'cancelled' || roomsMissing <= 0) return undefined;
  if (item.checked_revision === revision) return { cause: 'check', roomsMissing };
  if (item.warned_revision !== revision) return undefined;
  return { cause: 'pace', roomsMissing, ...(item.ready_by !== undefined && { expectedAtMs: item.ready_by }) };
}

/** The last message that was not applied. Undefined if the event has been changed since then. */
export function notAppliedOf(refused: RefusedRevision | undefined, changedAtMs: number): NotApplied | undefined {
  if (refused === undefined || refused.refused_at < changedAtMs) return undefined;
  const { revision, problems, problems_total: problemsTotal, refused_at: refusedAtMs } = refused;
  return { ...(revision !== undefined && { revision }), problems, problemsTotal, refusedAtMs };
}
