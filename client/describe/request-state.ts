import { hasRoom, type RequestStatus } from '../operate/request-status.ts';

/** The state of a key that the ledger knows. `decided`: the outcome is stored, but may not be published yet. */
export type KnownState = 'in-progress' | 'decided' | 'completed' | 'released' | 'room-deleted';

/** The state of any key. `not-requested`: the ledger stores only a wish to release its room. */
export type RequestState = KnownState | 'unknown' | 'not-requested' | 'damaged';

export function requestState(status: RequestStatus): RequestState {
  switch (status.kind) {
    case 'unknown':
    case 'damaged':
      return status.kind;
    case 'wish-only':
      return 'not-requested';
    case 'known':
      return knownState(status);
  }
}

export function knownState(status: Extract<RequestStatus, { kind: 'known' }>): KnownState {
  const { item } = status;
  if (item.decision === undefined) return 'in-progress';
  if (item.decision === 'room' && item.released_at !== undefined) return 'released';
  if (item.decision === 'room' && !hasRoom(status)) return 'room-deleted';
  return item.status === 'COMPLETED' ? 'completed' : 'decided';
}
