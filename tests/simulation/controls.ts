import { createHash } from 'node:crypto';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { CreateRoomCommand } from '@aws-sdk/client-ivschat';
import { PublishCommand } from '@aws-sdk/client-sns';
import { provisionedCompletion } from '../../lib/contract/completion.ts';
import { ledgerKey, payloadHash } from '../../lib/contract/keys.ts';
import { toProvisionedRoom } from '../../lib/provisioning/create-room.ts';
import { processBatch } from '../../lib/provisioning/process-batch.ts';
import { KEY_TAG } from '../../lib/provisioning/room-tags.ts';
import { type Handle, servicesOf } from './run-seed.ts';

/**
 * What everybody would write: Powertools idempotency as it comes around CreateRoom and Publish, with an SDK client that does
 * not repeat. It is here to show that the simulation finds what is wrong with it.
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

/**
 * The product without the pace's last look at the clock, which refuses what the SDK would send a second time: a call that is
 * repeated comes too late for its slot. The look has a limit, so nothing may depend on it.
 */
export const handleWithoutLastLook: Handle = (event, context, { world, clients, deadLetters }) => {
  const services = servicesOf(world, clients);
  const pacer = { ...services.pacer, isPunctual: () => true };
  return processBatch(event, context, { ...services, pacer }, { deadLetters });
};
