import type { Scenario } from '../harness/scenario.ts';
import { drainTable } from './drain-rooms.ts';

export const cold: Scenario = {
  name: 'cold',
  about: '300 rooms with workers that were never warmed up: they use the quota from the first call on',
  async run(context) {
    const table = await drainTable(context, {
      scenario: 'cold',
      title: 'with workers that start cold, by number of workers',
      runs: [
        { lane: 'bulk', workers: 5 },
        { lane: 'bulk', workers: 10 },
        { lane: 'interactive', workers: 5 },
      ],
      isWarm: false,
      leastUse: 0.97,
      throttled: (results) => ({
        figure: 'throttled calls',
        unit: 'share',
        values: results.map(({ throttled, calls }) => throttled / calls),
        bound: { atMost: 0.003 },
      }),
    });
    return [table];
  },
};
