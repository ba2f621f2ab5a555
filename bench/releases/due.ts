import { REGIONS } from '../../lib/contract/regions.ts';
import { sum } from '../harness/arithmetic.ts';
import type { Scenario } from '../harness/scenario.ts';
import type { Row, Table } from '../harness/table.ts';
import { CALLS_PER_SECOND } from '../simulation/assumptions.ts';
import { RELEASER } from './deployment.ts';
import { type DueResult, type DueTask, dueResultSchema } from './run-due.ts';
import { simulate } from './task.ts';

const ROOMS = 200_000;
const WINDOW_SECONDS = 600;
/** The run without releases needs no rooms that are due. */
const FEW_ROOMS = REGIONS.length;

export const due: Scenario = {
  name: 'due',
  about: '200,000 rooms in seven regions that are due at the same time, while other rooms are created',
  async run(context) {
    const rooms = context.rooms ?? ROOMS;
    // The rooms must last for the whole window.
    const lastSeconds = Math.floor((rooms / REGIONS.length / CALLS_PER_SECOND) * 0.8);
    const windowSeconds = Math.min(WINDOW_SECONDS, lastSeconds);
    const task = { kind: 'due', windowSeconds, seed: 1 } as const;
    const released = await simulate(context, { ...task, rooms, releases: true }, dueResultSchema);
    const without = await simulate(context, { ...task, rooms: FEW_ROOMS, releases: false }, dueResultSchema);
    return [dueTable({ ...task, rooms }, released, without)];
  },
};

export function dueTable(
  { rooms, windowSeconds }: Pick<DueTask, 'rooms' | 'windowSeconds'>,
  released: DueResult,
  without: DueResult,
): Table {
  const row = (figure: string, pick: (result: DueResult) => number, more: Partial<Row> = {}): Row => ({
    figure,
    unit: 'share',
    values: [pick(released), pick(without)],
    boundColumns: [0],
    ...more,
  });
  const only = (figure: string, value: number, more: Partial<Row> = {}): Row => ({
    figure,
    unit: 'per-second',
    values: [value, undefined],
    boundColumns: [0],
    ...more,
  });
  const { index, releasing, deleteRoom } = released;
  const perRelease = (count: number) => only('', count / released.released, { unit: 'number' });
  const bound = { bound: { atLeast: 0.98 } };
  const wholeSeconds = rooms / (REGIONS.length * CALLS_PER_SECOND * deleteRoom.all);
  return {
    scenario: 'due',
    title: `${rooms.toLocaleString('en')} rooms in ${REGIONS.length} regions are due at the same time, while other rooms are created: figures of ${windowSeconds} seconds`,
    columns: ['with releases', 'creation alone'],
    rows: [
      only('DeleteRoom: share of the quota used', deleteRoom.all, { unit: 'share', ...bound }),
      only('… in the region that used least', deleteRoom.least, { unit: 'share', ...bound }),
      row('CreateRoom: share of the quota used', ({ createRoom }) => createRoom.all, bound),
      row('… in the region that used least', ({ createRoom }) => createRoom.least),
      row('calls that are throttled', ({ throttled }) => throttled, { unit: 'count', bound: { atMost: 0 } }),
      only(`due index: writes to each of ${index.partitions} partitions, on average`, index.average),
      only('… to the busiest partition', index.busiest),
      only('… most in one second', index.mostInASecond, { bound: { atMost: 1_000 } }),
      { ...perRelease(releasing.writes.ledger), figure: 'releases: writes to the ledger for each room' },
      { ...perRelease(releasing.writes.refused), figure: '… writes whose condition did not hold' },
      { ...perRelease(releasing.calls.GetRoom ?? 0), figure: '… GetRoom calls' },
      row('warnings and errors in the logs', ({ problems }) => sum(Object.values(problems)), {
        unit: 'count',
        bound: { atMost: 0 },
      }),
      only('time until all rooms are released, at this rate', wholeSeconds / 3_600, { unit: 'hours' }),
    ],
    notes: [
      `All rooms and their items exist at the beginning. The simulation covers the ${windowSeconds} seconds after releases have begun in every region, with the real functions. \`release-rooms\` is invoked every minute and runs for up to ${RELEASER.timeoutMs / 1_000} s, so that invocations overlap. The bulk lane handles twelve batches concurrently. A partition of DynamoDB accepts 1,000 writes a second.`,
    ],
  };
}
