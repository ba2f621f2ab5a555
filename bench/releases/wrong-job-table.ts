import type { ScenarioContext } from '../harness/scenario.ts';
import type { Row, Table } from '../harness/table.ts';
import { type WrongJobResult, wrongJobResultSchema } from './run-wrong-job.ts';
import { simulate } from './task.ts';

const ROOMS = 500;
const MINUTE_MS = 60_000;
const CASES = [
  { column: 'after 10 min, withdrawn', noticedAfterMs: 10 * MINUTE_MS, stops: false },
  { column: 'after 16 min, stopped and withdrawn', noticedAfterMs: 16 * MINUTE_MS, stops: true },
  { column: 'after 16 min, only withdrawn', noticedAfterMs: 16 * MINUTE_MS, stops: false },
];

/** Which rooms are lost if a person releases the wrong job. */
export async function wrongJobTable(context: Pick<ScenarioContext, 'signal' | 'progress'>): Promise<Table> {
  const task = { kind: 'wrong-job', rooms: ROOMS, seed: 1 } as const;
  const results: WrongJobResult[] = [];
  for (const { noticedAfterMs, stops } of CASES)
    results.push(await simulate(context, { ...task, noticedAfterMs, stops }, wrongJobResultSchema));
  const row = (figure: string, pick: (result: WrongJobResult) => number, more: Partial<Row> = {}): Row => ({
    figure,
    unit: 'count',
    values: results.map(pick),
    ...more,
  });
  return {
    scenario: 'season',
    title: `A person releases the wrong job of ${ROOMS} rooms, and notices the mistake`,
    columns: CASES.map(({ column }) => column),
    rows: [
      row('rooms that are gone', ({ lost }) => lost.length, { bound: { atMost: 0 }, boundColumns: [0] }),
      row('… of other jobs', ({ lost }) => lost.filter((key) => !key.startsWith('wrong-')).length, {
        bound: { atMost: 0 },
      }),
      row('rooms whose withdrawal is confirmed', ({ confirmed }) => confirmed),
      row(
        'differences between the rooms that are gone and those that greenroom lists',
        ({ lost, listed }) => differ(lost, listed),
        {
          bound: { atMost: 0 },
        },
      ),
      row('… and the withdrawals refused as too late', ({ lost, tooLate }) => differ(lost, tooLate), {
        bound: { atMost: 0 },
      }),
      {
        figure: 'last DeleteRoom after the stop (0: none followed)',
        unit: 'seconds',
        values: results.map(({ lastDeleteAfterMs: ms }) => (ms ?? 0) / 1_000),
        bound: { atMost: 1 },
        boundColumns: [1],
      },
    ],
    notes: ['The grace period is 15 minutes. A further 500 rooms belong to another job.'],
  };
}

/** How many keys are in only one of the two lists. */
function differ(a: readonly string[], b: readonly string[]): number {
  return a.filter((key) => !b.includes(key)).length + b.filter((key) => !a.includes(key)).length;
}
