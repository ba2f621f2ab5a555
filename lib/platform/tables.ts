import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from './clock.ts';
import { learnTimeFrom } from './learn-time.ts';
import { createSharedTime, type SharedTime } from './shared-time.ts';
import { type ItemUpdate, updateItemInput } from './update-expression.ts';

/**
 * A write to DynamoDB failed for a reason other than its condition. greenroom then fails closed: without the ledger and the pace, it
 * creates no rooms.
 */
export class TableUnavailableError extends Error {
  override readonly name = 'TableUnavailableError';
}

/** `attributes`: the item after the write, or the item that failed the condition; undefined if there was none. */
export interface UpdateResult {
  written: boolean;
  attributes: Record<string, AttributeValue> | undefined;
}

/** Writes to DynamoDB tables, and the shared time, which is computed from the dates of the responses. */
export interface Tables {
  time: SharedTime;
  /** Like `updateItem`. */
  update(update: ItemUpdate): Promise<UpdateResult>;
}

export function openTables(dynamodb: DynamoDBClient, clock: Clock): Tables {
  const time = createSharedTime(clock);
  return {
    time,
    update(update) {
      const command = new UpdateItemCommand(updateItemInput(update));
      learnTimeFrom(command, time, clock);
      return sendUpdate(dynamodb, command);
    },
  };
}

/**
 * Writes one item, unless the update's condition does not hold.
 * @throws TableUnavailableError for every error except a condition that does not hold.
 */
export function updateItem(dynamodb: DynamoDBClient, update: ItemUpdate): Promise<UpdateResult> {
  return sendUpdate(dynamodb, new UpdateItemCommand(updateItemInput(update)));
}

async function sendUpdate(dynamodb: DynamoDBClient, command: UpdateItemCommand): Promise<UpdateResult> {
  try {
    const { Attributes } = await dynamodb.send(command);
    return { written: true, attributes: Attributes };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { written: false, attributes: error.Item };
    throw new TableUnavailableError(`The table ${command.input.TableName} cannot be written`, { cause: error });
  }
}
