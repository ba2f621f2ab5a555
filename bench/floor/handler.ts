/**
 * The floor: the seven AWS calls that greenroom makes for a room without a release time, with bare SDK clients, for each record of a batch.
 * It has no safeguards: it checks nothing, does not wait for a slot, and creates a second room if a message is delivered twice.
 */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoomCommand, IvschatClient } from '@aws-sdk/client-ivschat';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

const {
  GREENROOM_LEDGER_TABLE: ledger,
  GREENROOM_PACE_TABLE: pace,
  GREENROOM_COMPLETION_TOPIC_ARN: topic,
} = process.env;

const dynamodb = new DynamoDBClient();
const ivsChat = new IvschatClient({ maxAttempts: 1 });
const sns = new SNSClient();

async function provision({ body }: SQSRecord): Promise<void> {
  const { idempotencyKey, room } = JSON.parse(body);
  await update(ledger, idempotencyKey, 'claimed');
  await update(pace, 'floor', idempotencyKey);
  await update(ledger, idempotencyKey, 'intent');
  const created = await ivsChat.send(new CreateRoomCommand(room));
  await update(ledger, idempotencyKey, created.arn ?? '');
  const Message = JSON.stringify({ idempotencyKey, room: created });
  await sns.send(new PublishCommand({ TopicArn: topic, Message }));
  await update(ledger, idempotencyKey, 'completed');
}

async function update(table: string | undefined, id: string, state: string): Promise<void> {
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { id: { S: id } },
      UpdateExpression: 'SET #state = :state',
      ExpressionAttributeNames: { '#state': 'floor_state' },
      ExpressionAttributeValues: { ':state': { S: state } },
    }),
  );
}

export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  await Promise.all(Records.map(provision));
  return { batchItemFailures: [] };
}
