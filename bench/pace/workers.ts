import { QUOTA_PER_SECOND } from '../harness/run-figures.ts';
import type { Scenario } from '../harness/scenario.ts';
import { drainTable } from './drain-rooms.ts';

export const workers: Scenario = {
  name: 'workers',
  about: '300 rooms with 2, 4 and 10 workers: they use the quota, and no call is throttled',
  async run(context) {
    const table = await drainTable(context, {
      scenario: 'workers',
      title: `at the real quota of ${QUOTA_PER_SECOND} calls a second, by number of workers`,
      runs: [
        { lane: 'bulk', workers: 2 },
        { lane: 'bulk', workers: 4 },
        { lane: 'bulk', workers: 10 },
        { lane: 'interactive', workers: 10 },
      ],
      isWarm: true,
      leastUse: 0.98,
      throttled: (results) => ({
        figure: 'throttled calls',
        unit: 'count',
        values: results.map(({ throttled }) => throttled),
        bound: { atMost: 0 },
      }),
    });
    return [table];
  },
};
