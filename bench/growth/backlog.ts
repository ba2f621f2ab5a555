import { readDeployed } from '../harness/deployed.ts';
import type { ScenarioContext } from '../harness/scenario.ts';
import type { Table } from '../harness/table.ts';
import { type ImportResult, simulateInThread } from '../simulation/task.ts';
import { growthRows } from './growth-rows.ts';

const MESSAGES = [100, 1_000, 10_000, 100_000, 1_000_000];
const QUICK_MESSAGES = [100, 1_000, 10_000];
/** The number of rooms that are counted. The smallest backlog has this size. */
const FIRST = 100;
/** How many messages one request sends. */
const SEND_BATCH = 10;

export interface DrainedBacklog {
  messages: number;
  result: ImportResult;
}

export async function backlogTable(context: ScenarioContext): Promise<Table> {
  const { bulkWorkers: workers } = readDeployed(context.root);
  const drained: DrainedBacklog[] = [];
  for (const messages of context.isQuick ? QUICK_MESSAGES : MESSAGES) {
    context.progress(`growth: a backlog of ${messages} messages`);
    const task = { rooms: messages, regions: 1, workers, seed: 1, onlyFirst: FIRST };
    const result = await simulateInThread(task, { signal: context.signal, progress: () => undefined });
    drained.push({ messages, result });
  }
  return tableOf(drained);
}

export function tableOf(drained: readonly DrainedBacklog[]): Table {
  const per = (figure: string, pick: (result: ImportResult, messages: number) => number) =>
    growthRows(
      figure,
      drained.map(({ messages, result }) => pick(result, messages) / result.rooms),
    );
  return {
    scenario: 'growth',
    title: `Calls for each of the first ${FIRST} rooms, by the number of messages in the bulk lane`,
    columns: drained.map(({ messages }) => messages.toLocaleString('en')),
    rows: [
      ...per('writes to the ledger', ({ ledgerWrites }) => ledgerWrites),
      ...per('writes that reserve slots', ({ paceWrites }) => paceWrites),
      ...per('write units', ({ writeUnits }) => writeUnits),
      ...per('CreateRoom', ({ createRoomCalls }) => createRoomCalls),
      ...per('Publish', ({ snsPublishes }) => snsPublishes),
      ...per('requests to SQS, other than sends', ({ sqsRequests }, messages) => sqsRequests - messages / SEND_BATCH),
    ],
    notes: [
      `The real message handling, with the SDK’s clients, on services in memory. All messages are sent together, for one region. Only the first ${FIRST} rooms are counted, so the figures include the work for messages that are in flight at that moment. The queue is a model, so the figures show nothing about SQS itself.`,
    ],
  };
}
