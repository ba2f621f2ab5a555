import { runCookbook } from '../cookbook/run-cookbook.ts';
import { type BenchRequest, makeRequests, sendRequests } from '../harness/requests.ts';
import { figuresOf, QUOTA_PER_SECOND } from '../harness/run-figures.ts';
import type { Scenario, ScenarioContext } from '../harness/scenario.ts';
import { withStack } from '../harness/with-stack.ts';

const ROOMS = 300;
const SEED = 1;
const CREATE_ROOM_MS = 150;

export const cookbook: Scenario = {
  name: 'cookbook',
  about: '300 rooms created by greenroom, and by a function written from the documentation',
  async run(context) {
    const rooms = context.rooms ?? ROOMS;
    const requests = makeRequests(rooms, { name: 'room' });
    const common = { requests, seed: SEED, createRoomMs: CREATE_ROOM_MS };
    const runs = [
      await runGreenroom(context, requests),
      await runCookbook(context, { ...common, variant: { inParallel: true } }),
      await runCookbook(context, { ...common, variant: { inParallel: false } }),
    ];
    const values = (pick: (run: (typeof runs)[number]) => number) => runs.map(pick);
    const none = { bound: { atMost: 0 }, boundColumns: [0] };
    return [
      {
        scenario: 'cookbook',
        title: `${rooms} rooms created by greenroom and by the cookbook`,
        columns: ['greenroom', 'cookbook, parallel', 'cookbook, sequential'],
        rows: [
          {
            figure: 'requests with a room',
            unit: 'count',
            values: values((run) => run.distinctRooms),
            bound: { atLeast: rooms },
            boundColumns: [0],
          },
          { figure: 'second rooms for a request', unit: 'count', values: values((run) => run.secondRooms), ...none },
          { figure: 'dead letters', unit: 'count', values: values((run) => run.deadLetters), ...none },
          { figure: 'CreateRoom calls', unit: 'count', values: values((run) => run.calls) },
          { figure: 'throttled calls', unit: 'count', values: values((run) => run.throttled) },
          {
            figure: 'time until 95% of the requests had a room',
            unit: 'seconds',
            values: values((run) => run.mostDoneSeconds),
          },
          { figure: 'time from the first call to the last', unit: 'seconds', values: values((run) => run.spanSeconds) },
          {
            figure: 'requests with a room per second',
            unit: 'per-second',
            values: values((run) => run.distinctRooms / run.spanSeconds),
          },
        ],
        notes: [
          'All three use the same emulated services: 3% of the responses are lost, 1% of the calls fail (half of them after the room was created), 5% of the messages are delivered twice, and each CreateRoom call takes 150 ms.',
          'The cookbook uses Powertools’ batch processing and idempotency, and the default SDK client. It has batches of 10, a concurrency of 2 (the lowest possible), a maxReceiveCount of 5, and a visibility timeout of six times the function’s 20 s.',
        ],
      },
    ];
  },
};

function runGreenroom(context: ScenarioContext, requests: readonly BenchRequest[]) {
  const setting = { name: 'cookbook greenroom', seed: SEED, hasFaults: true, createRoomMs: CREATE_ROOM_MS };
  return withStack(context, setting, async (running) => {
    await sendRequests(requests, { ...running, lane: 'bulk' });
    const keys = requests.map(({ key }) => key);
    await running.settle(keys, 60_000 + (keys.length / QUOTA_PER_SECOND) * 4_000);
    return figuresOf(running, requests);
  });
}
