import type { Lane } from '../../lib/contract/lanes.ts';
import { makeRequests, sendRequests } from '../harness/requests.ts';
import { figuresOf, QUOTA_PER_SECOND, quotaUse, type RunFigures } from '../harness/run-figures.ts';
import type { ScenarioContext } from '../harness/scenario.ts';
import type { Row, Table } from '../harness/table.ts';
import { withStack } from '../harness/with-stack.ts';

const ROOMS = 300;
const NONE = { atMost: 0 };

export interface Drain {
  lane: Lane;
  workers: number;
}

interface DrainScenario {
  scenario: string;
  /** What the title says after the number of rooms. */
  title: string;
  runs: readonly Drain[];
  isWarm: boolean;
  leastUse: number;
  throttled(figures: readonly RunFigures[]): Row;
}

/** Creates rooms at the real quota, with a stack of its own for each number of workers. */
export async function drainTable(context: ScenarioContext, drain: DrainScenario): Promise<Table> {
  const { scenario, title, runs, leastUse, throttled } = drain;
  const rooms = context.rooms ?? ROOMS;
  const results: Awaited<ReturnType<typeof drainRooms>>[] = [];
  for (const each of runs) results.push(await drainRooms(context, rooms, { ...each, ...drain }));
  const none = (figure: string, pick: (result: RunFigures) => number): Row => ({
    figure,
    unit: 'count',
    values: results.map(pick),
    bound: NONE,
  });
  return {
    scenario,
    title: `${rooms} rooms ${title}`,
    columns: runs.map((each) => `${each.workers}, ${each.lane}`),
    rows: [
      {
        figure: 'share of the quota used',
        unit: 'share',
        values: results.map(({ use }) => use),
        bound: { atLeast: leastUse },
      },
      throttled(results),
      none('requests failed', (each) => each.failed),
      none('requests unanswered', (each) => each.unanswered),
      none('dead letters', (each) => each.deadLetters),
      none('second rooms', (each) => each.secondRooms),
      none('errors logged', (each) => each.errors),
    ],
  };
}

function drainRooms(
  context: ScenarioContext,
  rooms: number,
  { scenario, isWarm, lane, workers }: Drain & Pick<DrainScenario, 'scenario' | 'isWarm'>,
) {
  const name = `${scenario} ${lane} ${workers}`;
  const setting = { name, warm: isWarm ? workers : 0, change: { workers: { [lane]: workers } } };
  return withStack(context, setting, async (running) => {
    const requests = makeRequests(rooms, { name: 'room' });
    await sendRequests(requests, { ...running, lane });
    const keys = requests.map(({ key }) => key);
    await running.settle(keys, 30_000 + (rooms / QUOTA_PER_SECOND) * 3_000);
    const calls = (await running.ivsChat.calls()).createRoom;
    return { ...(await figuresOf(running, requests)), use: quotaUse(calls, rooms, QUOTA_PER_SECOND) };
  });
}
