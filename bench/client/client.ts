import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { createGreenroom } from '../../client/greenroom.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { startProgram } from '../harness/child-programs.ts';
import type { Scenario, ScenarioContext } from '../harness/scenario.ts';
import type { Table } from '../harness/table.ts';
import { type RunningStack, withStack } from '../harness/with-stack.ts';
import { MEASURED_CALLS, type Times, tableOf } from './client-table.ts';

const REGION = 'eu-west-1';
const KEY = 'bench/room';
const WARM_UP_CALLS = 300;
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

export const client: Scenario = {
  name: 'client',
  about: 'looks up the room of a key: the time that roomFor takes, compared with a bare GetItem',
  async run(context) {
    return [await withStack(context, { name: 'client', warm: 1 }, (running) => measure(running, context))];
  },
};

async function measure({ stack, signal }: RunningStack, { progress }: ScenarioContext): Promise<Table> {
  const table = 'greenroom-local-ledger';
  const item = await makeRoom(stack.endpoint, table);
  const instant = await startProgram('instant-endpoint');
  try {
    instant.start({ body: JSON.stringify({ Item: item }) });
    const { endpoint } = await instant.report(z.object({ endpoint: z.url() }));
    const results: Times[] = [];
    for (const each of [stack.endpoint, endpoint]) {
      progress(`client: ${2 * MEASURED_CALLS} calls to ${each}`);
      results.push(await compare(each, table, signal));
    }
    return tableOf(results);
  } finally {
    await instant.stop();
  }
}

/** Requests a room. @returns its item */
async function makeRoom(endpoint: string, tableName: string): Promise<unknown> {
  await using greenroom = createGreenroom({
    stage: 'local',
    region: REGION,
    sdk: { endpoint, credentials: CREDENTIALS },
  });
  await greenroom.requestRoom({ idempotencyKey: KEY, room: { name: 'bench', tags: { event: 'final' } } });
  const state = await greenroom.waitFor(KEY);
  if (state.kind !== 'provisioned') throw new Error(`The room of the benchmark is ${state.kind}`);
  const dynamodb = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  const { Item } = await dynamodb.send(new GetItemCommand(inputOf(tableName)));
  dynamodb.destroy();
  return Item;
}

function inputOf(TableName: string) {
  return { TableName, Key: { id: { S: ledgerKey(KEY) } }, ConsistentRead: true };
}

/** The two calls alternate, and so does the order within each pair, so that the load on the machine affects both equally. */
async function compare(endpoint: string, tableName: string, signal: AbortSignal): Promise<Times> {
  const settings = { endpoint, region: REGION, credentials: CREDENTIALS };
  const dynamodb = new DynamoDBClient(settings);
  await using greenroom = createGreenroom({ stage: 'local', region: REGION, sdk: settings });
  const calls = {
    bare: async () => void (await dynamodb.send(new GetItemCommand(inputOf(tableName)))),
    roomFor: async () => {
      const { kind } = await greenroom.roomFor(KEY);
      if (kind !== 'provisioned') throw new Error(`The room of the benchmark is ${kind}`);
    },
  };
  const times: Times = { bare: [], roomFor: [] };
  const names = ['bare', 'roomFor'] as const;
  for (let round = -WARM_UP_CALLS; round < MEASURED_CALLS; round++) {
    signal.throwIfAborted();
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const startMs = performance.now();
      await calls[name]();
      if (round >= 0) times[name].push(performance.now() - startMs);
    }
  }
  dynamodb.destroy();
  return times;
}
