import { makeRequests, sendRequests } from '../harness/requests.ts';
import { figuresOf, quotaUse } from '../harness/run-figures.ts';
import type { Scenario } from '../harness/scenario.ts';
import { withStack } from '../harness/with-stack.ts';

const ROOMS = 3_000;
const QUOTA_PER_SECOND = 50;

export const tenTimes: Scenario = {
  name: 'ten-times',
  about: '3,000 rooms at ten times the quota: hardly a call is throttled',
  async run(context) {
    const rooms = context.rooms ?? ROOMS;
    const setting = {
      name: 'ten-times',
      quotaPerSecond: QUOTA_PER_SECOND,
      change: { callsPerSecond: QUOTA_PER_SECOND },
    };
    const figures = await withStack(context, setting, async (running) => {
      const requests = makeRequests(rooms, { name: 'room' });
      const keys = requests.map(({ key }) => key);
      await sendRequests(requests, { ...running, lane: 'bulk' });
      await running.settle(keys, 60_000 + (rooms / QUOTA_PER_SECOND) * 4_000);
      const calls = running.stack.ivsChat.calls().createRoom;
      return { ...(await figuresOf(running, requests)), use: quotaUse(calls, rooms, QUOTA_PER_SECOND) };
    });
    const { throttled, calls, use, failed, unanswered, deadLetters, secondRooms } = figures;
    return [
      {
        scenario: 'ten-times',
        title: `${rooms} rooms at ten times the real quota: ${QUOTA_PER_SECOND} calls a second`,
        columns: ['figure'],
        rows: [
          { figure: 'throttled calls', unit: 'share', values: [throttled / calls], bound: { atMost: 0.001 } },
          { figure: 'throttled calls', unit: 'count', values: [throttled] },
          { figure: 'share of the quota used', unit: 'share', values: [use] },
          { figure: 'requests failed', unit: 'count', values: [failed], bound: { atMost: 0 } },
          { figure: 'requests unanswered', unit: 'count', values: [unanswered], bound: { atMost: 0 } },
          { figure: 'dead letters', unit: 'count', values: [deadLetters], bound: { atMost: 0 } },
          { figure: 'second rooms', unit: 'count', values: [secondRooms], bound: { atMost: 0 } },
        ],
      },
    ];
  },
};
