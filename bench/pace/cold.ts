import type { Lane } from '../../lib/contract/lanes.ts';
import { makeRequests, sendRequests } from '../harness/requests.ts';
import { figuresOf, QUOTA_PER_SECOND, quotaUse } from '../harness/run-figures.ts';
import type { Scenario, ScenarioContext } from '../harness/scenario.ts';
import { withStack } from '../harness/with-stack.ts';

const ROOMS = 300;
const RUNS: readonly { lane: Lane; workers: number }[] = [
  { lane: 'bulk', workers: 5 },
  { lane: 'bulk', workers: 10 },
  { lane: 'interactive', workers: 5 },
];

export const cold: Scenario = {
  name: 'cold',
  about: '300 rooms with workers that were never warmed up: they use the quota from the first call on',
  async run(context) {
    const rooms = context.rooms ?? ROOMS;
    const results: Awaited<ReturnType<typeof drain>>[] = [];
    for (const each of RUNS) results.push(await drain(context, rooms, each));
    const values = (pick: (result: (typeof results)[number]) => number) => results.map(pick);
    return [
      {
        scenario: 'cold',
        title: `${rooms} rooms with workers that begin cold, by number of workers`,
        columns: RUNS.map((each) => `${each.workers}, ${each.lane}`),
        rows: [
          {
            figure: 'share of the quota used',
            unit: 'share',
            values: values(({ use }) => use),
            bound: { atLeast: 0.97 },
          },
          {
            figure: 'throttled calls',
            unit: 'share',
            values: values((each) => each.throttled / each.calls),
            bound: { atMost: 0.003 },
          },
          { figure: 'requests failed', unit: 'count', values: values((each) => each.failed), bound: { atMost: 0 } },
          {
            figure: 'requests unanswered',
            unit: 'count',
            values: values((each) => each.unanswered),
            bound: { atMost: 0 },
          },
          { figure: 'dead letters', unit: 'count', values: values((each) => each.deadLetters), bound: { atMost: 0 } },
          { figure: 'second rooms', unit: 'count', values: values((each) => each.secondRooms), bound: { atMost: 0 } },
          { figure: 'errors logged', unit: 'count', values: values((each) => each.errors), bound: { atMost: 0 } },
        ],
      },
    ];
  },
};

function drain(context: ScenarioContext, rooms: number, { lane, workers: count }: (typeof RUNS)[number]) {
  const name = `cold ${lane} ${count}`;
  return withStack(context, { name, warm: 0, change: { workers: { [lane]: count } } }, async (running) => {
    const requests = makeRequests(rooms, { name: 'room' });
    await sendRequests(requests, { ...running, lane });
    const keys = requests.map(({ key }) => key);
    await running.settle(keys, 30_000 + (rooms / QUOTA_PER_SECOND) * 3_000);
    const calls = (await running.ivsChat.calls()).createRoom;
    return { ...(await figuresOf(running, requests)), use: quotaUse(calls, rooms, QUOTA_PER_SECOND) };
  });
}
