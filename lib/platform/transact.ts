import {
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { backoffMs, type Waiting } from './backoff.ts';

/** The maximum number of items that DynamoDB accepts in one transaction. */
export const MAX_TRANSACTION_ITEMS = 100;

const CONDITION_FAILED = 'ConditionalCheckFailed';
/**
 * The temporary reasons for a cancellation: another transaction on one of the items, or too many writes. `None` is the reason for the items
 * that did not cause the cancellation.
 */
const TEMPORARY = ['None', 'TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];
const MAX_ATTEMPTS = 12;
const BACKOFF = { baseMs: 25, capMs: 2_000 };

/** `failed`: the current items whose condition did not hold, by their index in the transaction (undefined if the item does not exist). */
export type TransactionResult =
  | { written: true }
  | { written: false; failed: ReadonlyMap<number, CancellationReason['Item']> };

/**
 * Writes all of these items or none. After a temporary failure, the transaction is sent again with backoff, at most twelve times in total.
 * @throws the error of DynamoDB, and the signal's reason
 */
export async function transact(
  dynamodb: DynamoDBClient,
  items: TransactWriteItem[],
  { clock, random, signal }: Waiting,
): Promise<TransactionResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: items }), { abortSignal: signal });
      return { written: true };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const failed = reasons.flatMap(({ Code, Item }, index) =>
        Code === CONDITION_FAILED ? [[index, Item] as const] : [],
      );
      if (failed.length > 0) return { written: false, failed: new Map(failed) };
      const isTemporary = reasons.length > 0 && reasons.every(({ Code = 'None' }) => TEMPORARY.includes(Code));
      if (!isTemporary || attempt === MAX_ATTEMPTS) throw error;
      await clock.sleep(backoffMs(attempt, BACKOFF, random), signal);
    }
  }
}
