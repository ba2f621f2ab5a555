import { CreateTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createResources } from '../../../emulator/template/create-resources.ts';
import { openGateway, type Stack } from '../../support/gateway-clients.ts';

let gateway: Stack;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(() => gateway.close());

const SHAPE = {
  TableName: 'half-made',
  BillingMode: 'PAY_PER_REQUEST' as const,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' as const }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' as const }],
};

test('a table whose creation was interrupted before its time to live was enabled is completed', async () => {
  const { sqs, sns, dynamoDb: dynamodb, s3, scheduler, iam } = gateway;
  await dynamodb.send(new CreateTableCommand(SHAPE));
  const Properties = { ...SHAPE, TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true } };
  await createResources(
    { Resources: { Table: { Type: 'AWS::DynamoDB::Table', Properties, DependsOn: [] } }, Outputs: {} },
    {
      clients: { sqs, sns, dynamodb, s3, scheduler },
      iam,
      region: 'eu-west-1',
      accountId: '000000000000',
      stackName: 'stack',
      artifactsDir: '.',
    },
  );
  const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: 'half-made' }));
  expect(TimeToLiveDescription).toEqual({ AttributeName: 'expires_at', TimeToLiveStatus: 'ENABLED' });
});
