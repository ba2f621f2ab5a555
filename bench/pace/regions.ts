import type { Region } from '../../lib/contract/regions.ts';
import { sum } from '../harness/arithmetic.ts';
import { type BenchRequest, makeRequests, sendRequests } from '../harness/requests.ts';
import { arrivalTimesOf, QUOTA_PER_SECOND, quotaUse } from '../harness/run-figures.ts';
import type { Scenario, ScenarioContext } from '../harness/scenario.ts';
import type { Table } from '../harness/table.ts';
import { type RunningStack, withStack } from '../harness/with-stack.ts';

const REGIONS = ['eu-west-1', 'us-east-1', 'ap-northeast-1'] as const satisfies Region[];
/** The region whose room quota is reached. */
const FULL: Region = 'us-east-1';
const ROOMS_EACH = 200;
const WORKERS = 10;
const SETTING = { warm: WORKERS, change: { workers: { bulk: WORKERS } } };
const PLENTY = 1_000_000;

export const regions: Scenario = {
  name: 'regions',
  about: 'rooms in three regions at the same time, and then again when one region has reached its room quota',
  async run(context) {
    const rooms = context.rooms ?? ROOMS_EACH;
    return [await allOpen(context, rooms), await oneFull(context, rooms)];
  },
};

function allOpen(context: ScenarioContext, rooms: number): Promise<Table> {
  return withStack(context, { ...SETTING, name: 'regions open' }, async (running) => {
    const keys = (await sendToAll(running, rooms)).map(({ key }) => key);
    await running.settle(keys, 30_000 + (rooms / QUOTA_PER_SECOND) * 3_000);
    const calls = (await running.ivsChat.calls()).createRoom;
    const all = REGIONS.length * QUOTA_PER_SECOND;
    const throttled = REGIONS.map((region) => calls.filter((call) => call.throttled && call.region === region).length);
    return {
      scenario: 'regions',
      title: `${rooms} rooms in each of ${REGIONS.length} regions at the same time, ${WORKERS} workers`,
      columns: ['all', ...REGIONS],
      rows: [
        {
          figure: 'share of the quota used',
          unit: 'share',
          values: [
            quotaUse(calls, rooms * REGIONS.length, all),
            ...REGIONS.map((region) => quotaUse(calls, rooms, QUOTA_PER_SECOND, region)),
          ],
          bound: { atLeast: 0.98 },
          boundColumns: [0],
        },
        { figure: 'throttled calls', unit: 'count', values: [sum(throttled), ...throttled], bound: { atMost: 0 } },
        { figure: 'requests unanswered', unit: 'count', values: unanswered(running, keys), bound: { atMost: 0 } },
      ],
    };
  });
}

function oneFull(context: ScenarioContext, rooms: number): Promise<Table> {
  return withStack(context, { ...SETTING, name: 'regions full' }, async (running) => {
    const { ivsChat } = running;
    await ivsChat.inject({
      operation: 'CreateRoom',
      region: FULL,
      times: PLENTY,
      fault: { error: 'ServiceQuotaExceededException' },
    });
    const healthy = REGIONS.filter((region) => region !== FULL);
    const requests = await sendToAll(running, rooms);
    const keys = requests.filter(({ region }) => region !== FULL).map(({ key }) => key);
    await running.settle(keys, 30_000 + (rooms / QUOTA_PER_SECOND) * 3_000);
    const calls = (await ivsChat.calls()).createRoom;
    const columns = [...healthy, FULL];
    return {
      scenario: 'regions',
      title: `The same, with the room quota of ${FULL} reached`,
      columns,
      rows: [
        {
          figure: 'share of the quota used',
          unit: 'share',
          values: healthy.map((region) => quotaUse(calls, rooms, QUOTA_PER_SECOND, region)),
          bound: { atLeast: 0.98 },
        },
        {
          figure: 'throttled calls',
          unit: 'count',
          values: columns.map((region) => calls.filter((call) => call.throttled && call.region === region).length),
          bound: { atMost: 0 },
        },
        {
          figure: 'calls',
          unit: 'count',
          values: columns.map((region) => arrivalTimesOf(calls, region).length),
        },
        {
          figure: 'requests unanswered',
          unit: 'count',
          values: columns.map((each) => open(running, requests, each)),
          bound: { atMost: 0 },
          boundColumns: healthy.map((_, column) => column),
        },
      ],
      notes: [`The calls to ${FULL} are probes of its breaker, and calls that were in flight when the breaker opened.`],
    };
  });
}

/** Sends the requests of all regions in mixed order, as many senders would, so that each batch contains several regions. */
async function sendToAll(running: RunningStack, rooms: number): Promise<(BenchRequest & { region: Region })[]> {
  const byRegion = REGIONS.map((region) =>
    makeRequests(rooms, { name: region, region }).map((each) => ({ ...each, region })),
  );
  const mixed = Array.from({ length: rooms }, (_, index) => byRegion.flatMap((each) => each[index] ?? [])).flat();
  await sendRequests(mixed, { ...running, lane: 'bulk' });
  return mixed;
}

function unanswered(running: RunningStack, keys: readonly string[]): number[] {
  const open = keys.filter((key) => !running.completions.answers.has(key));
  return [open.length, ...REGIONS.map((region) => open.filter((key) => key.startsWith(region)).length)];
}

function open(
  { completions }: RunningStack,
  requests: readonly (BenchRequest & { region: Region })[],
  of: Region,
): number {
  return requests.filter(({ region, key }) => region === of && !completions.answers.has(key)).length;
}
