import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The ledger as the commands read it, for services that have none. It has no index. */
export function createLedgerTable(dynamodb: DynamoDBClient) {
  return dynamodb.send(
    new CreateTableCommand({
      TableName: 'ledger',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
}
