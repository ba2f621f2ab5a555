import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { ignored, kind } from './kind.ts';

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

const properties = z.strictObject({
  TableName: z.string(),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z
    .array(
      z.strictObject({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.strictObject({
          ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
          NonKeyAttributes: z.array(z.string()).exactOptional(),
        }),
      }),
    )
    .exactOptional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
  // The emulator has no backups, encryption at rest or protection from deletion.
  PointInTimeRecoverySpecification: ignored,
  SSESpecification: ignored,
  DeletionProtectionEnabled: ignored,
  Tags: ignored,
});

export const makeTable = kind(properties, async (_logicalId, table, { clients, region, accountId }) => {
  const { TableName, TimeToLiveSpecification } = table;
  if (!(await exists(clients.dynamodb, TableName))) {
    const { BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = table;
    const shape = { TableName, BillingMode, AttributeDefinitions, KeySchema };
    await clients.dynamodb.send(
      new CreateTableCommand({ ...shape, ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes }) }),
    );
  }
  // The time to live is set separately, because an earlier process may have been killed between the two calls. DynamoDB refuses to enable a
  // time to live that is enabled already.
  if (TimeToLiveSpecification?.Enabled && !(await hasTimeToLive(clients.dynamodb, TableName))) {
    await clients.dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  }
  return { ref: TableName, attributes: { Arn: `arn:aws:dynamodb:${region}:${accountId}:table/${TableName}` } };
});

async function hasTimeToLive(dynamodb: DynamoDBClient, TableName: string): Promise<boolean> {
  const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
  return (
    TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED' || TimeToLiveDescription?.TimeToLiveStatus === 'ENABLING'
  );
}

async function exists(dynamodb: DynamoDBClient, TableName: string): Promise<boolean> {
  try {
    await dynamodb.send(new DescribeTableCommand({ TableName }));
    return true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}
