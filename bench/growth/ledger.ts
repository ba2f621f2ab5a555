import type { ScenarioContext } from '../harness/scenario.ts';
import type { Table } from '../harness/table.ts';
import { type CalmResult, calmResultSchema } from '../releases/run-calm.ts';
import { simulate } from '../releases/task.ts';
import { growthRows } from './growth-rows.ts';

const ROOMS = 300;
const ITEMS = [0, 1_000, 100_000];
const QUICK_ITEMS = [0, 1_000, 10_000];
/** The actions of DynamoDB that name no key. */
const WITHOUT_KEY = ['Query', 'Scan'];

export async function ledgerTable(context: ScenarioContext): Promise<Table> {
  const sizes = context.isQuick ? QUICK_ITEMS : ITEMS;
  const task = { kind: 'calm', rooms: ROOMS, wish: false, seed: 1 } as const;
  const results: CalmResult[] = [];
  for (const otherItems of sizes) results.push(await simulate(context, { ...task, otherItems }, calmResultSchema));
  return tableOf(sizes, results);
}

export function tableOf(sizes: readonly number[], results: readonly CalmResult[]): Table {
  const per = (figure: string, pick: (usage: CalmResult['provisioning']) => number) =>
    growthRows(
      figure,
      results.map(({ provisioning, rooms }) => pick(provisioning) / rooms),
    );
  return {
    scenario: 'growth',
    title: `Calls for each of ${ROOMS} rooms, by the number of items in the ledger`,
    columns: sizes.map((items) => items.toLocaleString('en')),
    rows: [
      ...per('writes to the ledger', ({ writes }) => writes.ledger),
      ...per('writes that reserve slots', ({ writes }) => writes.pace),
      ...per('write units', ({ writeUnits }) => writeUnits),
      ...per('read units', ({ readUnits }) => readUnits),
      {
        figure: 'calls that name no key (Query, Scan)',
        unit: 'count',
        values: results.map(({ provisioning }) =>
          WITHOUT_KEY.reduce((calls, name) => calls + (provisioning.calls[name] ?? 0), 0),
        ),
        bound: { atMost: 0 },
      },
    ],
    notes: [
      'The real function runs on tables in memory. Every call for a room names the key of one item. Tables with 1,000,000 and 10,000,000 items were not measured. According to the documentation of DynamoDB, a call costs the same there: units are counted by the size of the item (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html), and DynamoDB finds the partition of an item by a hash of its key (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.Partitions.html).',
    ],
  };
}
