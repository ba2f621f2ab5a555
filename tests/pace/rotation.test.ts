import { describe, expect, test } from '@jest/globals';
import { createRandom } from '../../emulator/random.ts';
import { newSeat, seatsBefore, seatsOf } from '../../lib/pace/rotation.ts';

const rotation = { bulk_rotation: new Set([30_000, 10_000, 40_000, 20_000]), bulk_last: 20_000 };

describe('the rotation of the workers', () => {
  test.each([
    [30_000, []],
    [40_000, [30_000]],
    [10_000, [30_000, 40_000]],
    [20_000, [30_000, 40_000, 10_000]],
    [50_000, undefined],
    [undefined, undefined],
  ])('seat %p has its turn after %p', (seat, before) => {
    expect(seatsBefore(rotation, seat)).toEqual(before);
  });

  test('contains each seat once, and begins after the seat of the last turn', () => {
    expect(seatsOf(rotation)).toEqual([30_000, 40_000, 10_000, 20_000]);
    expect(seatsOf({ ...rotation, bulk_last: 45_000 })).toEqual([10_000, 20_000, 30_000, 40_000]);
    expect(seatsOf({})).toEqual([]);
  });

  test('continues after the seat of the last turn, although its worker has left', () => {
    expect(seatsBefore({ ...rotation, bulk_last: 25_000 }, 30_000)).toEqual([]);
    expect(seatsBefore({ ...rotation, bulk_last: 45_000 }, 10_000)).toEqual([]);
    expect(seatsBefore({ bulk_rotation: new Set([10_000, 20_000]) }, 10_000)).toEqual([]);
  });

  test.each([20_000, 40_000, 25_000, 45_000])(
    'gives a new worker a seat whose next turn comes last: after the turn of seat %p',
    (last) => {
      const before = { ...rotation, bulk_last: last };
      for (const random of [() => 0, () => 0.5, () => 0.999]) {
        const seat = Number(newSeat(before, random));
        const after = { bulk_rotation: new Set([...before.bulk_rotation, seat]), bulk_last: seat };
        expect(seatsBefore(after, seat)).toHaveLength(4);
      }
    },
  );

  test('gives many workers different seats, and none to more than 64', () => {
    const random = createRandom(1);
    const seats = new Set<number>();
    let last = 0;
    for (let worker = 0; worker < 64; worker++) {
      last = Number(newSeat({ bulk_rotation: seats, bulk_last: last }, random));
      seats.add(last);
    }
    expect(seats.size).toBe(64);
    expect(newSeat({ bulk_rotation: seats, bulk_last: last }, random)).toBeUndefined();
  });
});
