import { createHash } from 'node:crypto';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { CreateRoomCommand } from '@aws-sdk/client-ivschat';
import { PublishCommand } from '@aws-sdk/client-sns';
import type { ChangeMessageVisibilityBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { provisionedCompletion } from '../../lib/contract/completion.ts';
import { ledgerKey, payloadHash } from '../../lib/contract/keys.ts';
import { KEY_TAG } from '../../lib/ledger/room-tags.ts';
import { toProvisionedRoom } from '../../lib/provisioning/create-room.ts';
import { processBatch } from '../../lib/provisioning/process-batch.ts';
import type { Handle } from './delivery.ts';
import { servicesOf } from './run-seed.ts';

/**
 * The obvious solution: unchanged Powertools idempotency around CreateRoom and Publish, with an SDK client that does not
 * retry. This control shows that the simulation finds what is wrong with it.
 */
export const handleWithStockPowertools: Handle = async (event, context, { clients }) => {
  const config = new IdempotencyConfig({ lambdaContext: context, eventKeyJmesPath: 'idempotencyKey' });
  const store = new DynamoDBPersistenceLayer({ tableName: 'ledger', awsSdkV3Client: clients.dynamodb });
  const provision = makeIdempotent(
    async ({ idempotencyKey, room }: { idempotencyKey: string; room: { name: string } }) => {
      const tags = { [KEY_TAG]: ledgerKey(idempotencyKey) };
      const response = await clients.ivsChat('eu-west-1').send(new CreateRoomCommand({ ...room, tags }));
      const completion = provisionedCompletion({
        stage: 'control',
        idempotencyKey,
        tenant: 'default',
        region: 'eu-west-1',
        claimId: 'claim',
        generation: 0,
        payloadHash: payloadHash({ room, region: 'eu-west-1' }),
        decidedAtMs: 0,
        outcome: 'created',
        late: false,
        room: toProvisionedRoom(response),
      });
      await clients.sns.send(new PublishCommand({ TopicArn: 'arn:aws:sns:::t', Message: JSON.stringify(completion) }));
      return createHash('sha256').update(completion.id).digest('hex');
    },
    { persistenceStore: store, config },
  );
  const { Records } = event as { Records: { messageId: string; body: string }[] };
  const results = await Promise.allSettled(Records.map(({ body }) => provision(JSON.parse(body))));
  const failed = Records.filter((_, index) => results[index]?.status === 'rejected');
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};

/** The product whose workers ignore what a pace item says about stopped jobs. */
export const handleIgnoringStops: Handle = (event, context, { world, clients, deadLetters }) => {
  const services = servicesOf(world, clients);
  const pacer = { ...services.pacer, isStopped: () => false };
  return processBatch(event, context, { ...services, pacer }, { deadLetters });
};

/**
 * The product without the last check of the pace, which refuses a retry of the SDK because it would be too late for its
 * slot. The check accepts late calls in some cases, so no promise may depend on it.
 */
export const handleWithoutLastCheck: Handle = (event, context, { world, clients, deadLetters }) => {
  const services = servicesOf(world, clients);
  const pacer = { ...services.pacer, isPunctual: () => true };
  return processBatch(event, context, { ...services, pacer }, { deadLetters });
};

/**
 * The product with waits that do not depend on how long a cause lasts: every message returns after three seconds. It
 * uses up the receives that its queue allows in minutes, so a request is given up because of an outage alone.
 */
export const handleRetryingEveryThreeSeconds: Handle = (event, context, { world, clients, deadLetters }) => {
  const sqs: SQSClient = Object.create(clients.sqs, {
    send: { value: (command: ChangeMessageVisibilityBatchCommand) => clients.sqs.send(soon(command)) },
  });
  return processBatch(event, context, servicesOf(world, { ...clients, sqs }), { deadLetters });
};

function soon(command: ChangeMessageVisibilityBatchCommand): ChangeMessageVisibilityBatchCommand {
  for (const entry of command.input.Entries ?? []) entry.VisibilityTimeout = 3;
  return command;
}
