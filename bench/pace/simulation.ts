import { type Deployed, readDeployed } from '../harness/deployed.ts';
import type { Scenario, ScenarioContext } from '../harness/scenario.ts';
import type { Row, Table } from '../harness/table.ts';
import { PRICES_SEEN } from '../prices.ts';
import { CALLS_PER_SECOND, cpuStretch, IVSCHAT_ONE_WAY_MS, LATENCY_MS } from '../simulation/assumptions.ts';
import { costsPerThousand } from '../simulation/costs.ts';
import { measureCpuMs } from '../simulation/measured-cpu.ts';
import { type ImportResult, type ImportTask, simulateInThread } from '../simulation/task.ts';

const CHECK_ROOMS = 2_000;
const LARGEST_DIFFERENCE = 0.03;
const ROOMS_PER_REGION = 50_000;
const REGIONS = [1, 7] as const;
/** The default maximum number of outstanding rows for each job and region. */
const OUTSTANDING = 2_000;
const SEED = 1;
const PROGRESS_MS = 5_000;

export const simulation: Scenario = {
  name: 'simulation',
  about: 'simulated imports of 50,000 rooms in one region and 350,000 in seven: time, writes, cost',
  async run(context) {
    const deployed = readDeployed(context.root);
    const workers = deployed.bulkWorkers;
    const check = { rooms: Math.min(context.rooms ?? CHECK_ROOMS, CHECK_ROOMS), regions: 1, workers, seed: SEED };
    const handler = await simulate(context, check);
    const unitsPerLedgerWrite = handler.ledgerUnits / handler.ledgerWrites;
    const checked = await simulate(context, { ...check, model: { cpuMs: 0, unitsPerLedgerWrite } });

    const cpuMs = await measureCpuMs(context);
    const model = { cpuMs: cpuMs * cpuStretch(deployed.memoryMb), unitsPerLedgerWrite };
    const tasks = REGIONS.map((regions) => {
      const rooms = (context.rooms ?? ROOMS_PER_REGION) * regions;
      return { rooms, regions, workers, seed: SEED, model, outstanding: OUTSTANDING };
    });
    const results = await Promise.all(tasks.map((task) => simulate(context, task)));
    return [checkTable(check, handler, checked), importTable(tasks, results, { ...deployed, cpuMs })];
  },
};

async function simulate(context: ScenarioContext, task: ImportTask): Promise<ImportResult> {
  const name = `simulation, ${task.model ? 'model' : 'handler'}`;
  let reportedMs = Date.now();
  const progress = (done: number) => {
    if (Date.now() - reportedMs < PROGRESS_MS) return;
    reportedMs = Date.now();
    context.progress(`${name}: ${done} of ${task.rooms} rooms`);
  };
  return simulateInThread(task, { signal: context.signal, progress });
}

const writesPerRoom = ({ rooms, ledgerWrites, paceWrites, refusedWrites }: ImportResult) =>
  (ledgerWrites + paceWrites + refusedWrites) / rooms;

function checkTable({ rooms, workers }: ImportTask, handler: ImportResult, model: ImportResult): Table {
  const compare = (figure: string, unit: Row['unit'], pick: (result: ImportResult) => number): Row[] => {
    const [real, modelled] = [pick(handler), pick(model)];
    const difference = Math.abs(modelled - real) / real;
    return [
      { figure, unit, values: [real, modelled] },
      {
        figure: '… differs by',
        unit: 'share',
        values: [undefined, difference],
        bound: { atMost: LARGEST_DIFFERENCE },
        boundColumns: [1],
      },
    ];
  };
  return {
    scenario: 'simulation',
    title: `The model against the full handler: ${rooms.toLocaleString('en')} rooms in one region, ${workers} workers`,
    columns: ['full handler', 'model'],
    rows: [
      ...compare('total time', 'seconds', ({ seconds }) => seconds),
      ...compare('DynamoDB writes per room', 'number', writesPerRoom),
      ...compare('Lambda time per room', 'milliseconds', ({ billedMs }) => billedMs / rooms),
    ],
    notes: [
      'The full handler is the real message handling, with the SDK’s clients on services in memory. Neither column includes processor time.',
    ],
  };
}

function importTable(
  tasks: readonly ImportTask[],
  results: readonly ImportResult[],
  { memoryMb, cpuMs }: Deployed & { cpuMs: number },
): Table {
  const row = (figure: string, unit: Row['unit'], pick: (result: ImportResult) => number): Row => ({
    figure,
    unit,
    values: results.map(pick),
  });
  const ideal = ({ rooms, regions }: ImportTask) => rooms / regions / CALLS_PER_SECOND;
  const costs = results.map((result) => costsPerThousand(result, memoryMb));
  const cost = (figure: string, pick: (each: (typeof costs)[number]) => number): Row => ({
    figure,
    unit: 'dollars',
    values: costs.map(pick),
  });
  return {
    scenario: 'simulation',
    title: `Simulated imports, ${tasks[0]?.workers} workers of ${memoryMb} MB: the real pacing code with modelled workers`,
    columns: tasks.map(({ rooms, regions }) => `${rooms.toLocaleString('en')} in ${regions}`),
    rows: [
      row('total time', 'hours', ({ seconds }) => seconds / 3_600),
      {
        figure: 'total time ÷ (rooms ÷ quota)',
        unit: 'ratio',
        values: tasks.map((task, index) => (results[index]?.seconds ?? Number.NaN) / ideal(task)),
        bound: { atMost: 1.02 },
      },
      row('throttled calls', 'count', ({ throttled }) => throttled),
      row('postponed messages', 'count', ({ postponed }) => postponed),
      row('DynamoDB writes per room', 'number', writesPerRoom),
      row('… to the ledger', 'number', ({ ledgerWrites, rooms }) => ledgerWrites / rooms),
      row('… that reserve slots', 'number', ({ paceWrites, rooms }) => paceWrites / rooms),
      row('… refused by their condition', 'number', ({ refusedWrites, rooms }) => refusedWrites / rooms),
      row('write request units per room', 'number', ({ writeUnits, rooms }) => writeUnits / rooms),
      row('Lambda time per room', 'milliseconds', ({ billedMs, rooms }) => billedMs / rooms),
      row('processor time per room, measured here', 'milliseconds', () => cpuMs),
      cost('cost of 1,000 rooms', ({ total }) => total),
      cost('… Lambda', ({ lambda }) => lambda),
      cost('… DynamoDB', ({ dynamodb }) => dynamodb),
      cost('… SQS', ({ sqs }) => sqs),
      cost('… SNS', ({ sns }) => sns),
    ],
    notes: [
      `Assumed durations: DynamoDB ${LATENCY_MS.dynamodb} ms, SQS ${LATENCY_MS.sqs} ms, SNS ${LATENCY_MS.sns} ms, CreateRoom ${LATENCY_MS.ivschat} ms, whose quota is checked after ${IVSCHAT_ONE_WAY_MS} ms. Each varies by ± 30%, and one call in a hundred takes five times as long. ${memoryMb} MB give a function 1/${cpuStretch(memoryMb).toFixed(1)} of a processor, so its work takes ${cpuStretch(memoryMb).toFixed(1)} times as long.`,
      `The costs are list prices of us-east-1, read on ${PRICES_SEEN} (bench/prices.ts), without logs, metrics, storage and free tiers.`,
    ],
  };
}
