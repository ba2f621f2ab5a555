import { GetObjectCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import type { ServiceRequest } from '../../emulator/service.ts';
import { MAX_RECEIVES } from '../../lib/platform/retention.ts';
import { type CallObserver, runClosedRegion } from '../bulk/closed-region.ts';
import { dynamoDbUnits, withConsumedCapacity } from '../costs/dynamodb-units.ts';
import type { ScenarioContext } from '../harness/scenario.ts';
import type { Table } from '../harness/table.ts';
import { growthRows } from './growth-rows.ts';

const ROWS = [100, 1_000, 10_000, 50_000];
const QUICK_ROWS = [100, 1_000];
/** The rows of a manifest are for two regions. */
const REGIONS = 2;
/** The parameters of a stage. */
const OUTSTANDING_ROWS = 2_000;
const IN_FLIGHT_LIMIT = 120_000;
/** The report of the largest manifest reads every item of the roster five times. */
const MOST_READ_UNITS = 1;

export interface RosterCosts {
  rows: number;
  calls: number;
  /** Write units, and read units. */
  writeUnits: number;
  readUnits: number;
  writtenBytes: number;
  s3Calls: number;
  /** The number of times the reader starts reading the manifest. */
  manifestReads: number;
}

export async function rosterTable(context: ScenarioContext): Promise<Table> {
  const costs: RosterCosts[] = [];
  for (const rows of context.isQuick ? QUICK_ROWS : ROWS) {
    context.signal.throwIfAborted();
    context.progress(`growth: a manifest of ${rows} rows`);
    costs.push(await countRoster(rows));
  }
  return tableOf(costs);
}

/** Runs one manifest through the real reader and the real tracker. @throws Error if a row has no room */
async function countRoster(rows: number): Promise<RosterCosts> {
  const costs: RosterCosts = {
    rows,
    calls: 0,
    writeUnits: 0,
    readUnits: 0,
    writtenBytes: 0,
    s3Calls: 0,
    manifestReads: 0,
  };
  const { jobs, errors } = await runClosedRegion({
    manifests: 1,
    closedRows: 0,
    openRows: rows / REGIONS,
    outstandingRows: OUTSTANDING_ROWS,
    inFlightLimit: IN_FLIGHT_LIMIT,
    observe: observerOf(costs),
  });
  if (jobs[0]?.provisioned !== rows) throw new Error(`Not every row has a room: ${JSON.stringify({ jobs, errors })}`);
  return costs;
}

function observerOf(costs: RosterCosts): CallObserver {
  return {
    async dynamodb(request: ServiceRequest, handle) {
      const response = await handle(withConsumedCapacity(request));
      costs.calls += 1;
      if ('lost' in response) return response;
      const { counts } = dynamoDbUnits(request, response);
      costs.writeUnits += counts.get('writeUnits') ?? 0;
      costs.readUnits += counts.get('readUnits') ?? 0;
      return response;
    },
    s3(command) {
      costs.s3Calls += 1;
      costs.writtenBytes += bytesOf(command);
      if (command instanceof GetObjectCommand) costs.manifestReads += 1;
    },
  };
}

/** The bytes that a command writes to an object. */
function bytesOf(command: object): number {
  if (!(command instanceof PutObjectCommand || command instanceof UploadPartCommand)) return 0;
  const { Body } = command.input;
  return typeof Body === 'string' || Body instanceof Uint8Array ? Buffer.byteLength(Body) : 0;
}

export function tableOf(costs: readonly RosterCosts[]): Table {
  const perRow = (pick: (cost: RosterCosts) => number) => costs.map((cost) => pick(cost) / cost.rows);
  return {
    scenario: 'growth',
    title: 'Counting and reporting each row of a manifest, by the number of its rows',
    columns: costs.map(({ rows }) => rows.toLocaleString('en')),
    rows: [
      ...growthRows(
        'calls to DynamoDB',
        perRow(({ calls }) => calls),
      ),
      ...growthRows(
        'write units',
        perRow(({ writeUnits }) => writeUnits),
      ),
      ...growthRows(
        'bytes written to S3',
        perRow(({ writtenBytes }) => writtenBytes),
      ),
      {
        figure: 'read units',
        unit: 'number',
        values: perRow(({ readUnits }) => readUnits),
        bound: { atMost: MOST_READ_UNITS },
      },
      {
        figure: 'number of times the reader starts reading the manifest',
        unit: 'count',
        values: costs.map(({ manifestReads }) => manifestReads),
        bound: { atMost: MAX_RECEIVES.manifests },
      },
      { figure: 'calls to S3, for the whole manifest', unit: 'count', values: costs.map(({ s3Calls }) => s3Calls) },
    ],
    notes: [
      'The real reader and the real tracker, on the emulator’s DynamoDB and a virtual clock. The bulk lane is a model that answers five rows a second in each of two regions. The calls include a fixed number for each manifest, which makes the rows of a small manifest more expensive.',
      'Two costs grow with the manifest, and are limited because a manifest has at most 50,000 rows. The report is sorted in windows of 10,000 rows, and each window reads all items of the roster (docs/decisions/0011). A reader that takes over unfinished work must read the manifest from the start again.',
    ],
  };
}
