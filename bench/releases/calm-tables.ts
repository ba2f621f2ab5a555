import type { ScenarioContext } from '../harness/scenario.ts';
import type { Row, Table } from '../harness/table.ts';
import { type CalmResult, calmResultSchema } from './run-calm.ts';
import { simulate } from './task.ts';
import type { Usage } from './usage.ts';

const ROOMS = 300;
const LEDGER_WRITES = 4;

/** The calls for one room at a time of low load: to create it without a wish, to create it with a wish, and to release it. */
export async function calmTables(context: Pick<ScenarioContext, 'signal' | 'progress'>): Promise<Table[]> {
  const task = { kind: 'calm', rooms: ROOMS, seed: 1 } as const;
  const plain = await simulate(context, { ...task, wish: false }, calmResultSchema);
  const wished = await simulate(context, { ...task, wish: true }, calmResultSchema);
  return [calmTable(plain, wished)];
}

export function calmTable(plain: CalmResult, wished: CalmResult): Table {
  const usages = [plain.provisioning, wished.provisioning, wished.releasing];
  const row = (figure: string, pick: (usage: Usage) => number, more: Partial<Row> = {}): Row => ({
    figure,
    unit: 'number',
    values: usages.map((usage) => pick(usage) / plain.rooms),
    ...more,
  });
  const call = (name: string) => row(name, ({ calls }) => calls[name] ?? 0);
  return {
    scenario: 'season',
    title: `Calls for each of ${plain.rooms} rooms, requested one after the other`,
    columns: ['created without a release time', 'created with a release time', 'released'],
    rows: [
      row('writes to the ledger', ({ writes }) => writes.ledger, {
        bound: { atLeast: LEDGER_WRITES, atMost: LEDGER_WRITES },
        boundColumns: [0],
      }),
      row('writes to the due index', ({ indexWrites }) => indexWrites, { bound: { atMost: 0 }, boundColumns: [0] }),
      row('writes that reserve slots, or note the freed quota', ({ writes }) => writes.pace),
      row('writes whose condition did not hold', ({ writes }) => writes.refused),
      row('write units of the tables', ({ writeUnits }) => writeUnits),
      ...['CreateRoom', 'GetItem', 'Query', 'GetRoom', 'DeleteRoom', 'Publish'].map(call),
    ],
    notes: [
      'The figures include the queries of the due index, in all seven regions, only for invocations that find a due room. In a minute without due rooms, `release-rooms` makes 56 queries.',
    ],
  };
}
