import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  type UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

/** DynamoDB did not take a write, for whatever reason. Nothing is created without ledger and pace: greenroom fails closed. */
export class TableUnavailableError extends Error {
  override readonly name = 'TableUnavailableError';
}

/** `attributes`: the item after the write or, refused, as its condition saw it (absent if there was none). */
export interface ConditionalUpdateResult {
  written: boolean;
  attributes: Record<string, AttributeValue> | undefined;
}

/**
 * Sends one conditional UpdateItem that asks for ALL_NEW and, on failure, ALL_OLD.
 * @throws TableUnavailableError for everything but a condition that does not hold.
 */
export async function conditionalUpdate(
  dynamodb: DynamoDBClient,
  command: UpdateItemCommand,
): Promise<ConditionalUpdateResult> {
  try {
    const { Attributes } = await dynamodb.send(command);
    return { written: true, attributes: Attributes };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { written: false, attributes: error.Item };
    throw new TableUnavailableError(`The table ${command.input.TableName} can't be written`, { cause: error });
  }
}
