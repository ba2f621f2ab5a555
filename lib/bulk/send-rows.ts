import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { capProblems } from '../contract/problems.ts';
import { sendAllMessages } from '../platform/send-messages.ts';
import { MAX_TRANSACTION_ITEMS, transact } from '../platform/transact.ts';
import { memberWrite, type NewMember, rowWrite } from '../rosters/roster-members.ts';
import type { BulkServices } from './bulk-services.ts';
import type { PlannedRow } from './plan-rows.ts';

/**
 * The number of rows that one transaction can write. A reader may end between two chunks, and the next reader then continues with the
 * second one.
 */
export const CHUNK_ROWS = MAX_TRANSACTION_ITEMS;

/** How many problems of one row are stored for the report, each of up to 500 characters. */
const MAX_ROW_PROBLEMS = 10;
const MESSAGES_PER_CALL = 10;

/**
 * Writes a chunk of rows to the roster and then sends their requests. The order matters, because a completion may arrive immediately and
 * must find its member. Both steps can be repeated safely: the items stay as they are, and the requests have the same keys.
 * @param neededByMs when the requests expire, in epoch milliseconds
 * @throws the error of DynamoDB or SQS. The next reader repeats the chunk
 */
export async function sendRows(
  jobId: string,
  rows: readonly PlannedRow[],
  neededByMs: number,
  services: BulkServices,
  signal: AbortSignal,
): Promise<void> {
  const nowMs = services.clock.nowMs();
  const writes = rows.map((row) => writeOf(jobId, row, nowMs, services));
  await transact(services.clients.dynamodb, writes, { ...services, signal });
  await sendRequests(jobId, rows, neededByMs, services, signal);
}

/** The write of one row, as part of a transaction. It can be repeated safely. */
export function writeOf(
  jobId: string,
  planned: PlannedRow,
  nowMs: number,
  { rosters }: BulkServices,
): TransactWriteItem {
  const { row, place } = planned;
  switch (planned.kind) {
    case 'request':
      return memberWrite(rosters, jobId, memberOf({ ...planned, kind: 'request' }), nowMs);
    case 'repeated':
      return rowWrite(rosters, jobId, { row, place, repeats: planned.repeats }, nowMs);
    case 'invalid': {
      // Only some problems are stored, because all problems of a long row could exceed the maximum size of an item.
      const { problems, total } = capProblems(planned.problems);
      const kept = problems.slice(0, MAX_ROW_PROBLEMS);
      return rowWrite(rosters, jobId, { row, place, problems: kept, problems_total: total }, nowMs);
    }
  }
}

/** The member that a row requests. */
export function memberOf({ row, place, request }: RequestRow): NewMember {
  const { idempotencyKey, region, room } = request;
  return { idempotencyKey, region, row, place, ...(room.name && { roomName: room.name }) };
}

export type RequestRow = Extract<PlannedRow, { kind: 'request' }>;

/** Sends the requests of rows whose members are written. */
export async function sendRequests(
  jobId: string,
  rows: readonly PlannedRow[],
  neededByMs: number,
  { clients, config, clock, random }: BulkServices,
  signal: AbortSignal,
): Promise<void> {
  const neededBy = new Date(neededByMs).toISOString();
  const messages = rows.flatMap((planned) => {
    if (planned.kind !== 'request') return [];
    const { tenant, region } = planned.request;
    return [{ tenant, region, body: JSON.stringify({ ...planned.request, neededBy, roster: jobId }) }];
  });
  const batches = Array.from({ length: Math.ceil(messages.length / MESSAGES_PER_CALL) }, (_, index) =>
    messages.slice(index * MESSAGES_PER_CALL, (index + 1) * MESSAGES_PER_CALL),
  );
  const settings = { sqs: clients.sqs, queueUrl: config.bulkQueueUrl, clock, random, signal };
  await Promise.all(batches.map((batch) => sendAllMessages(batch, settings)));
}
