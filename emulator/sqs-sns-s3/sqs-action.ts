import * as z from 'zod';
import type { DeliveryOrder } from './fair-order.ts';
import type { SqsMessage, SqsQueue, SqsStore } from './fauxqs-types.ts';
import type { ForcedDeadLetters } from './forced-dead-letters.ts';
import type { MoveTasks } from './move-tasks.ts';
import { parseInput, SqsError } from './sqs-error.ts';

export interface SqsContext {
  store: SqsStore;
  deliveryOrder: DeliveryOrder;
  moveTasks: MoveTasks;
  forcedDeadLetters: Pick<ForcedDeadLetters, 'takesNext'>;
  /** When each message in flight was received. The times are not stored on disk. */
  receivedAtMs: WeakMap<SqsMessage, number>;
  /** How many messages of a queue may be in flight. */
  maximumInFlight: number;
  /** The caller, as `SenderId` names it. */
  senderId: string;
}

/** @param gone aborts when the response is no longer needed */
export type SqsAction = (input: unknown, context: SqsContext, gone: AbortSignal) => object | Promise<object>;

const queueUrlSchema = z.object({ QueueUrl: z.string() });

/** The queue that a request names. Only the name in the URL counts, because the port changes from run to run. */
export function queueOf(store: SqsStore, input: unknown): SqsQueue {
  const queue = store.getQueue(parseInput(queueUrlSchema, input).QueueUrl);
  if (!queue) throw new SqsError('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}

/** Quotas of SQS: entries in a batch, and the form of their ids. */
const batchSchema = z.object({ Entries: z.array(z.looseObject({ Id: z.string() })).default([]) });
const MAX_BATCH_ENTRIES = 10;
const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

type BatchEntry = z.output<typeof batchSchema>['Entries'][number];

export function batchEntries(input: unknown): BatchEntry[] {
  const { Entries } = parseInput(batchSchema, input);
  if (Entries.length === 0)
    throw new SqsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (Entries.length > MAX_BATCH_ENTRIES)
    throw new SqsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_BATCH_ENTRIES}.`,
    );
  if (!Entries.every(({ Id }) => ENTRY_ID.test(Id)))
    throw new SqsError('InvalidBatchEntryId', 'An id consists of 1 to 80 letters, digits, hyphens and underscores.');
  if (new Set(Entries.map(({ Id }) => Id)).size < Entries.length)
    throw new SqsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  return Entries;
}

/** Performs each entry. A refused entry does not affect the others. */
export function performBatch(entries: BatchEntry[], perform: (entry: BatchEntry) => object): object {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...perform(entry) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}
