import type { PaceItem } from './pace-item.ts';

/**
 * The workers whose bulk calls use the slots of a region take turns, in the order of their seats. Each knows from the last response how many
 * slots the others take before its own turn, and tries to reserve a slot only then. Without turns, all would try for each slot, and DynamoDB
 * bills refused writes too.
 *
 * The turns are only a hint. A reservation is valid no matter which worker makes it, so a wrong rotation costs only refused writes or an
 * unused slot.
 */
export type Rotation = Pick<PaceItem, 'bulk_rotation' | 'bulk_last'>;

/** Limits the size of the item, so that a write costs one unit. Workers that find no seat take slots between the turns. */
const MOST_WORKERS = 64;
/** Seats are whole numbers below this number. They form a circle. Two workers with the same seat take turns as one. */
const CIRCLE = 2 ** 32;

/** The seats in the order of their turns. The first one has the next turn. */
export function seatsOf({ bulk_rotation, bulk_last = 0 }: Rotation): readonly number[] {
  const seats = [...(bulk_rotation ?? [])].sort((a, b) => a - b);
  const next = seats.filter((seat) => seat > bulk_last);
  return [...next, ...seats.slice(0, seats.length - next.length)];
}

/** The seats that have their turns before a worker's seat; undefined if it has none in the rotation. */
export function seatsBefore(rotation: Rotation, seat: number | undefined): readonly number[] | undefined {
  const seats = seatsOf(rotation);
  const own = seat === undefined ? -1 : seats.indexOf(seat);
  return own < 0 ? undefined : seats.slice(0, own);
}

/**
 * A seat for a worker that takes the next slot: between the worker that had the last turn and the worker that has the next turn. Its next
 * turn therefore comes after those of all others.
 * @returns undefined if the rotation is full
 */
export function newSeat(rotation: Rotation, random: () => number): number | undefined {
  const { bulk_last = 0 } = rotation;
  const [next, ...others] = seatsOf(rotation);
  if (others.length + 1 >= MOST_WORKERS) return undefined;
  const gap = next === undefined ? CIRCLE : next - bulk_last + (next > bulk_last ? 0 : CIRCLE);
  // The new seat is near the last one, because the next new workers need seats between this seat and the next.
  return Math.floor(bulk_last + (gap * (1 + random())) / 32) % CIRCLE;
}
