import { readTemplate } from '../../emulator/template/read-template.ts';
import { templateFile } from '../../local/start/make-package.ts';
import type { Scenario } from '../harness/scenario.ts';
import type { Row, Table } from '../harness/table.ts';
import { dollars, PRICES_SEEN } from '../prices.ts';
import { unknownTypes } from './billable-resources.ts';
import { type Declared, readDeclared } from './declared.ts';
import {
  type IdleMeasured,
  type Item,
  idleItems,
  itemsPerThousand,
  LONG_POLL_SECONDS,
  POLLERS,
  type RunMeasured,
  scheduledItems,
} from './items.ts';
import {
  CREATE_ROOM_MS,
  INTERACTIVE_PER_SECOND,
  measureBulk,
  measureIdle,
  measureInteractive,
  WARM_INVOCATIONS,
  WARM_WITHIN_SECONDS,
} from './runs.ts';

const ROOMS = 500;

const LEFT_OUT = `List prices of us-east-1 (bench/prices.ts, read on ${PRICES_SEEN}). Left out: data transfer, free tiers, taxes, the messages of IVS Chat, X-Ray, queries of log lines, e-mails of alarms, restores, and the sweep’s time for existing rooms.`;

export const costs: Scenario = {
  name: 'costs',
  about: 'the cost of an idle stage for a month and of 1,000 rooms, item by item, with metrics and logs',
  async run(context) {
    const template = readTemplate(templateFile(context.root));
    const unknown = unknownTypes(template);
    if (unknown.length > 0) throw new Error(`There are no prices for resources of the types ${unknown.join(', ')}`);
    const declared = readDeclared(template);
    const rooms = context.rooms ?? ROOMS;
    const idle = await measureIdle(context, declared);
    const interactive = await measureInteractive(context, declared, rooms);
    const bulk = await measureBulk(context, declared, rooms);
    const runs = [interactive, bulk];
    const items = runs.map((run) => itemsPerThousand(declared, run));
    return [
      idleTable(idleItems(declared, idle)),
      scheduledTable(declared, idle),
      countsTable(runs, items),
      costsTable(items),
    ];
  },
};

const costOf = ({ price, quantity }: Item) => dollars(price, quantity);
const totalOf = (items: readonly Item[]) => items.reduce((sum, item) => sum + costOf(item), 0);

function idleTable(items: readonly Item[]): Table {
  return {
    scenario: 'costs',
    title: 'An idle stage, for a month of 30 days',
    columns: ['cost'],
    rows: [
      ...items.map(
        (item): Row => ({
          figure: `${item.quantity.toLocaleString('en', { maximumSignificantDigits: 4 })} ${item.what}`,
          unit: 'dollars',
          values: [costOf(item)],
        }),
      ),
      { figure: 'total', unit: 'dollars', values: [totalOf(items)] },
    ],
    notes: [
      `Each event source has ${POLLERS} pollers, as Lambda documents, and each of their receives is assumed to wait ${LONG_POLL_SECONDS} seconds, the longest that SQS allows. Shorter waits would make more receives. Scheduled functions that run at least every ${WARM_WITHIN_SECONDS} seconds count as warm (the median of ${WARM_INVOCATIONS} invocations), and the others with a cold start each time.`,
      LEFT_OUT,
    ],
  };
}

/** The part of the idle costs that each scheduled function causes. */
function scheduledTable(declared: Declared, { invocations }: IdleMeasured): Table {
  const items = invocations.map((each) => scheduledItems(declared, [each]));
  return {
    scenario: 'costs',
    title: 'The scheduled functions of an idle stage, for a month of 30 days',
    columns: invocations.map(({ functionName }) => functionName),
    rows: costRows(items),
    notes: ['The table above contains these costs. The alarms on the functions are not part of them.'],
  };
}

function countsTable(runs: readonly RunMeasured[], items: readonly Item[][]): Table {
  const [interactive, bulk] = runs;
  const exact = (figure: string, pick: (run: RunMeasured) => number): Row => ({
    figure,
    unit: 'count',
    values: runs.map(pick),
    bound: { atMost: 0 },
  });
  return {
    scenario: 'costs',
    title: 'What 1,000 rooms use',
    columns: ['interactive', 'bulk'],
    rows: [
      { figure: 'requests in the run', unit: 'count', values: runs.map(({ rooms }) => rooms) },
      exact('requests without a room', ({ rooms, made }) => rooms - made),
      exact('errors logged', ({ errors }) => errors),
      { figure: 'throttled calls', unit: 'count', values: runs.map(({ throttled }) => throttled) },
      ...rowsOf(items, 'significant', ({ quantity }) => quantity),
    ],
    notes: [
      `Counted in one run each on the embedded stack, with the real quota: ${interactive?.rooms} interactive requests, ${INTERACTIVE_PER_SECOND} a second, and a manifest of ${bulk?.rooms} rows. Workers are warm, CreateRoom takes ${CREATE_ROOM_MS} ms, and the other services answer as fast as loopback does.`,
      'Metrics are charged by the hour. The 1,000 rooms are created within one hour, in one region; each additional region has its own metrics. The idle costs include empty receives.',
    ],
  };
}

function costsTable(items: readonly Item[][]): Table {
  return {
    scenario: 'costs',
    title: 'What 1,000 rooms cost',
    columns: ['interactive', 'bulk'],
    rows: costRows(items),
    notes: [LEFT_OUT],
  };
}

function costRows(items: readonly Item[][]): Row[] {
  return [...rowsOf(items, 'dollars', costOf), { figure: 'total', unit: 'dollars', values: items.map(totalOf) }];
}

/** One row for each item. All runs have the same items. */
function rowsOf(items: readonly Item[][], unit: Row['unit'], value: (item: Item) => number): Row[] {
  const [first = []] = items;
  return first.map(({ what }, index) => ({
    figure: what,
    unit,
    values: items.map((each) => each[index]).map((item) => item && value(item)),
  }));
}
