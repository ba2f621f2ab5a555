import type { PaceItem } from './pace-item.ts';

/**
 * The workers whose bulk calls use the slots of a region take turns. Each knows from the last response how many slots the others take before its
 * own turn, and tries to reserve a slot only then. Without turns, all would try for each slot, and DynamoDB bills refused writes too.
 *
 * The turns are only a hint. A reservation is valid whoever makes it, so a rotation that is wrong costs refused writes or an unused slot.
 */
export type Rotation = Pick<PaceItem, 'bulk_rotation' | 'bulk_last'>;

/** Limits the size of the item, so that a write costs one unit. Workers that find no place in the rotation take slots between the turns. */
const MOST_WORKERS = 64;
const ID_LENGTH = 4;

/** A name that is short, because each region's item contains the names of all workers. Two workers with the same name take turns as one. */
export function workerId(): string {
  return Math.random()
    .toString(36)
    .slice(2, 2 + ID_LENGTH)
    .padEnd(ID_LENGTH, '0');
}

export function membersOf({ bulk_rotation }: Rotation): readonly string[] {
  return bulk_rotation ?? [];
}

/** How many slots the others take before the worker's turn; undefined if the worker is not in the rotation. */
export function slotsBefore(rotation: Rotation, worker: string): number | undefined {
  const members = membersOf(rotation);
  const own = members.indexOf(worker);
  return own < 0 ? undefined : (own + members.length - lastIndexOf(rotation) - 1) % members.length;
}

/** The rotation with a worker that takes the next slot and was not in the rotation. Its next turn is after those of all others. */
export function withWorker(rotation: Rotation, worker: string): string[] {
  const members = membersOf(rotation);
  const at = lastIndexOf(rotation) + 1;
  return [...members.slice(0, at), worker, ...members.slice(at)].slice(0, MOST_WORKERS);
}

/** The rotation without the workers that had their turns immediately before this worker's, but did not take their slots. */
export function withoutAbsent(rotation: Rotation, worker: string, absent: number): string[] {
  const members = membersOf(rotation);
  const own = members.indexOf(worker);
  const inOrder = [...members.slice(own), ...members.slice(0, own)];
  return inOrder.slice(0, Math.max(1, inOrder.length - absent));
}

/** -1 if no member took the last slot. */
function lastIndexOf({ bulk_last, ...rotation }: Rotation): number {
  return bulk_last === undefined ? -1 : membersOf(rotation).indexOf(bulk_last);
}
