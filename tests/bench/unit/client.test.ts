import { expect, test } from '@jest/globals';
import { tableOf } from '../../../bench/client/client-table.ts';
import { allHold } from '../../../bench/harness/table.ts';

const times = (bareMs: number, roomForMs: number) => ({ bare: [bareMs], roomFor: [roomForMs] });

test('the ratio holds for a small overhead, and misses its bound if the overhead is large in one of the measurements', () => {
  const table = tableOf([times(2, 2.2), times(1, 1.5)]);
  expect(table.rows.at(-1)?.values).toEqual([1.1, 1.5]);
  expect(allHold([table])).toBe(true);
  expect(allHold([tableOf([times(2, 2.2), times(1, 1.51)])])).toBe(false);
});
