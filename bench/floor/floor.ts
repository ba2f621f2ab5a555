import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { Scenario, ScenarioContext } from '../harness/scenario.ts';
import type { Table } from '../harness/table.ts';
import { type Bundle, buildBundle, unpackBundle } from './bundles.ts';
import { loadTable, RATIOS, ratioTable, requestTable } from './floor-tables.ts';
import { type Loaded, type Measured, measureLoads, measureRequests, type Runs } from './measure.ts';
import { type MeasuredServices, withServices } from './services.ts';

const OURS = 'provision-rooms';
/** `paced` uses exactly the quota of 5 rooms a second, with a batch of ten every two seconds. */
const FULL: Runs = {
  coldStarts: 25,
  warmRuns: 3,
  lifted: { warmUp: 30, batches: 60 },
  paced: { warmUp: 4, batches: 10 },
};
const QUICK: Runs = { coldStarts: 9, warmRuns: 1, lifted: { warmUp: 20, batches: 30 } };
/**
 * The file with the figures of the last full run. A full run with `--json` writes it, and `--quick` prints these figures beside its own.
 */
const RECORDED = join('bench', 'floor', 'recorded.json');

export const floor: Scenario = {
  name: 'floor',
  about: 'cold starts, and processor time per room, compared with the same calls through bare SDK clients',
  async run(context) {
    const directory = mkdtempSync(join(tmpdir(), 'greenroom-floor-'));
    try {
      return await withServices(context, (services) => compare(context, services, directory));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

async function compare(context: ScenarioContext, services: MeasuredServices, directory: string): Promise<Table[]> {
  const { compared, others } = await prepare(context, services, directory);
  if (context.isQuick) {
    const requests = await measureRequests(context, compared, QUICK);
    return [ratioTable(requests, readRecorded(context.root))];
  }
  const requests = await measureRequests(context, compared, FULL);
  const loads: Loaded[] = await measureLoads(context, others, FULL);
  return [ratioTable(requests), requestTable(requests), loadTable([...requests, ...loads])];
}

/** Builds the three bundles that are compared with `provision-rooms`, and unpacks the bundles of all deployed functions. */
async function prepare({ root }: ScenarioContext, services: MeasuredServices, directory: string) {
  const deployed = services.functions.map(({ variables, ...packaged }) => ({
    bundle: unpackBundle(packaged, directory),
    variables,
  }));
  const ours = deployed.find(({ bundle }) => bundle.name === OURS);
  if (ours === undefined) throw new Error(`The package contains no function ${OURS}`);
  const cookbook = {
    IDEMPOTENCY_TABLE: ours.variables.GREENROOM_LEDGER_TABLE ?? '',
    TOPIC_ARN: ours.variables.GREENROOM_COMPLETION_TOPIC_ARN ?? '',
    IN_PARALLEL: 'true',
  };
  const measured = ({ bundle, variables }: { bundle: Bundle; variables: Record<string, string> }): Measured => ({
    bundle,
    environmentWith: (more) => services.environmentFor(bundle, { ...variables, ...more }),
  });
  const buildBeside = (name: string, folder: string, steps: 'default' | 'ours') =>
    buildBundle(name, { source: join(root, 'bench', folder, 'handler.ts'), directory, steps });
  const compared = [
    { bundle: await buildBeside('floor', 'floor', 'default'), variables: ours.variables },
    { bundle: await buildBeside('floor built with our steps', 'floor', 'ours'), variables: ours.variables },
    { bundle: await buildBeside('cookbook', 'cookbook', 'default'), variables: cookbook },
    ours,
  ];
  return { compared: compared.map(measured), others: deployed.filter((each) => each !== ours).map(measured) };
}

const recordedSchema = z.object({
  tables: z.array(
    z.object({ title: z.string(), rows: z.array(z.object({ figure: z.string(), values: z.array(z.number()) })) }),
  ),
});

/** The ratios of the last full run, keyed by name. Empty if no run was recorded. */
function readRecorded(root: string): ReadonlyMap<string, number> {
  const file = join(root, RECORDED);
  if (!existsSync(file)) return new Map();
  const { tables } = recordedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const rows = tables.find(({ title }) => title === RATIOS)?.rows ?? [];
  return new Map(
    rows.flatMap(({ figure, values: [value] }) => (value === undefined ? [] : [[figure, value] as const])),
  );
}
