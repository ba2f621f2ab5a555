import { makeRequests, sendRequests } from '../harness/requests.ts';
import { figuresOf, quotaUse } from '../harness/run-figures.ts';
import type { Scenario, ScenarioContext } from '../harness/scenario.ts';
import { withStack } from '../harness/with-stack.ts';

const ROOMS = 3_000;
const QUOTA_PER_SECOND = 50;
/** Requests are sent at least at this rate, so that all of them are in the queue when their delay ends. */
const SENT_PER_SECOND = 500;
/**
 * With a burst of 2, a call may arrive one interval late without being throttled. The interval is 200 ms at the real quota, but only 20 ms
 * here. With a burst of 11, calls may be 200 ms late here too.
 */
const BURSTS = [11, 2];

export const tenTimes: Scenario = {
  name: 'ten-times',
  about: '3,000 rooms at ten times the quota: at most one call in a thousand is throttled',
  async run(context) {
    const rooms = context.rooms ?? ROOMS;
    const results: Awaited<ReturnType<typeof drain>>[] = [];
    for (const burst of BURSTS) results.push(await drain(context, rooms, burst));
    const values = (pick: (result: (typeof results)[number]) => number) => results.map(pick);
    const none = { bound: { atMost: 0 } };
    return [
      {
        scenario: 'ten-times',
        title: `${rooms.toLocaleString('en')} rooms at ten times the real quota: ${QUOTA_PER_SECOND} calls a second`,
        columns: BURSTS.map((burst) => `burst ${burst}`),
        rows: [
          {
            figure: 'share of calls throttled',
            unit: 'share',
            values: values((each) => each.throttled / each.calls),
            bound: { atMost: 0.001 },
          },
          { figure: 'throttled calls', unit: 'count', values: values((each) => each.throttled) },
          { figure: 'share of the quota used', unit: 'share', values: values((each) => each.use) },
          { figure: 'requests failed', unit: 'count', values: values((each) => each.failed), ...none },
          { figure: 'requests unanswered', unit: 'count', values: values((each) => each.unanswered), ...none },
          { figure: 'dead letters', unit: 'count', values: values((each) => each.deadLetters), ...none },
          { figure: 'second rooms', unit: 'count', values: values((each) => each.secondRooms), ...none },
        ],
        notes: [
          'At this rate, with a burst of 2, calls may be up to 20 ms late without being throttled. With a burst of 11, they may be up to 200 ms late, as with a burst of 2 at the real quota. All requests are in the queue before the first call.',
        ],
      },
    ];
  },
};

function drain(context: ScenarioContext, rooms: number, burst: number) {
  const setting = {
    name: `ten-times burst ${burst}`,
    quotaPerSecond: QUOTA_PER_SECOND,
    burst,
    change: { callsPerSecond: QUOTA_PER_SECOND, bulkDelaySeconds: Math.ceil(rooms / SENT_PER_SECOND) },
  };
  return withStack(context, setting, async (running) => {
    const requests = makeRequests(rooms, { name: 'room' });
    await sendRequests(requests, { ...running, lane: 'bulk' });
    await running.settle(
      requests.map(({ key }) => key),
      60_000 + (rooms / QUOTA_PER_SECOND) * 4_000,
    );
    const calls = (await running.ivsChat.calls()).createRoom;
    return { ...(await figuresOf(running, requests)), use: quotaUse(calls, rooms, QUOTA_PER_SECOND) };
  });
}
