import type { ScenarioContext } from '../harness/scenario.ts';
import type { Table } from '../harness/table.ts';
import { CALLS_PER_SECOND } from '../simulation/assumptions.ts';
import { type ImportResult, type ImportTask, simulateInThread } from '../simulation/task.ts';

const IMPORTED = 6_000;
const FEW = 20;
/** Longer than five minutes, after which SQS treats a group that has received no new messages as quiet. */
const LATE_SECONDS = 400;
/** The default maximum number of outstanding rows for each job and region. */
const OUTSTANDING = 2_000;
const WORKERS = 5;
const MODEL = { cpuMs: 40, unitsPerLedgerWrite: 1 };
const FAIR_BOUND = 3;

const WAYS = [
  { name: 'all rows together, other tenants immediately after', afterSeconds: 0 },
  { name: `all rows together, other tenants ${LATE_SECONDS} s later`, afterSeconds: LATE_SECONDS },
  { name: `a bulk job, other tenants ${LATE_SECONDS} s later`, afterSeconds: LATE_SECONDS, outstanding: OUTSTANDING },
] as const;

/** Simulates imports that are larger than a real machine could run, and shows how much each way of sending delays the other tenants. */
export async function simulateTenants(context: ScenarioContext, counts: readonly number[]): Promise<Table> {
  const rooms = (context.rooms ?? IMPORTED / 10) * 10;
  const rows = await Promise.all(
    WAYS.map(async ({ name, ...way }) => {
      const results: ImportResult[] = [];
      for (const count of counts) results.push(await simulate(context, { rooms, ...way }, count));
      return { name, results };
    }),
  );
  const inFairTimes = (results: readonly ImportResult[]) =>
    counts.map((count, index) => Math.max(...(results[index]?.othersSeconds ?? [])) / fairSeconds(count));
  return {
    scenario: 'tenants',
    title: `Simulated: an import of ${rooms.toLocaleString('en')} requests and ${FEW} requests from each of the other tenants; the last tenant's time ÷ fair time`,
    columns: counts.map((count) => `${count} tenants`),
    rows: [
      ...rows.map(({ name, results }, index) => ({
        figure: `import: ${name}`,
        unit: 'number' as const,
        values: inFairTimes(results),
        // The second way is the control: SQS holds an import back only for five minutes after its last request was sent.
        ...(index !== 1 && { bound: { atMost: FAIR_BOUND } }),
      })),
      {
        figure: 'fair time: with an equal share of the quota',
        unit: 'seconds' as const,
        values: counts.map(fairSeconds),
      },
    ],
    notes: [
      `SQS stops holding back a group to which nothing has been sent for five minutes, however many of its messages are waiting. A bulk job keeps at most ${OUTSTANDING.toLocaleString('en')} rows of a region outstanding, so it keeps sending until it is done, and keeps yielding to the others.`,
    ],
  };
}

function fairSeconds(tenants: number): number {
  return FEW / (CALLS_PER_SECOND / tenants);
}

function simulate(
  { signal, progress }: ScenarioContext,
  { rooms, outstanding, afterSeconds }: { rooms: number; outstanding?: number; afterSeconds: number },
  count: number,
): Promise<ImportResult> {
  const task: ImportTask = {
    rooms,
    regions: 1,
    workers: WORKERS,
    seed: 1,
    model: MODEL,
    others: { tenants: count - 1, rooms: FEW, afterSeconds },
    ...(outstanding !== undefined && { outstanding }),
  };
  return simulateInThread(task, {
    signal,
    progress: (done) => progress(`tenants, simulated: ${done} of ${rooms} rooms`),
  });
}
