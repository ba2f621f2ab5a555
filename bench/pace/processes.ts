import * as z from 'zod';
import { extent, mostWithin, sum } from '../harness/arithmetic.ts';
import { type ChildProgram, startProgram } from '../harness/child-programs.ts';
import { arrivalTimesOf, QUOTA_PER_SECOND, quotaUse } from '../harness/run-figures.ts';
import type { Scenario } from '../harness/scenario.ts';
import { type RunningStack, withStack } from '../harness/with-stack.ts';

const PROCESSES = 20;
const ROOMS = 300;

const doneSchema = z.object({ kind: z.literal('done'), made: z.int(), refused: z.int() });

export const processes: Scenario = {
  name: 'processes',
  about: '20 processes that call through the paced client at the same time: they share one quota',
  async run(context) {
    const callsEach = Math.ceil((context.rooms ?? ROOMS) / PROCESSES);
    const { reports, calls } = await withStack(context, { name: 'processes' }, async (running) => {
      context.progress(`processes: starting ${PROCESSES}`);
      const reports = await callFromAll(running, callsEach);
      return { reports, calls: (await running.ivsChat.calls()).createRoom };
    });
    const timesMs = arrivalTimesOf(calls);
    const [firstMs, lastMs] = extent(timesMs);
    const throttled = calls.filter((call) => call.throttled).length;
    return [
      {
        scenario: 'processes',
        title: `${PROCESSES} processes with ${callsEach} calls each through the paced client`,
        columns: ['figure'],
        rows: [
          { figure: 'calls', unit: 'count', values: [calls.length] },
          { figure: 'calls that created a room', unit: 'count', values: [sum(reports.map(({ made }) => made))] },
          { figure: 'throttled calls', unit: 'count', values: [throttled], bound: { atMost: 0 } },
          {
            figure: 'share of the quota used',
            unit: 'share',
            values: [quotaUse(calls, callsEach * PROCESSES, QUOTA_PER_SECOND)],
            bound: { atLeast: 0.98 },
          },
          { figure: 'most calls within any second', unit: 'count', values: [mostWithin(timesMs, 1000)] },
          { figure: 'time from the first call to the last', unit: 'seconds', values: [(lastMs - firstMs) / 1000] },
        ],
      },
    ];
  },
};

async function callFromAll({ stack, signal }: RunningStack, calls: number) {
  const programs: ChildProgram[] = [];
  const stopAll = () => Promise.all(programs.map((program) => program.stop()));
  try {
    // The programs start one after the other, because starting costs more than calling. None begins to call before all are ready.
    while (programs.length < PROCESSES) {
      signal.throwIfAborted();
      programs.push(await startProgram('paced-caller', stack));
    }
    const limit = AbortSignal.timeout(30_000 + ((calls * PROCESSES) / QUOTA_PER_SECOND) * 3_000);
    AbortSignal.any([signal, limit]).addEventListener('abort', () => void stopAll(), { once: true });
    const { region, outputs } = stack;
    for (const [index, program] of programs.entries())
      program.start({ name: `process-${index}`, calls, region, paceTable: outputs.PaceTable });
    return await Promise.all(programs.map((program) => program.report(doneSchema)));
  } finally {
    await stopAll();
  }
}
