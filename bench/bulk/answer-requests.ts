import { PublishBatchCommand, type PublishBatchRequestEntry } from '@aws-sdk/client-sns';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Deployment } from '../../client/deployment.ts';
import { provisionedCompletion } from '../../lib/contract/completion.ts';
import { completionAttributes } from '../../lib/contract/completion-attributes.ts';
import { payloadHash } from '../../lib/contract/keys.ts';
import type { Region } from '../../lib/contract/regions.ts';
import { type RoomRequest, roomRequestSchema } from '../../lib/contract/room-request.ts';

export interface Answered {
  messages: number;
  keys: Set<string>;
}

/** There are only a few workers, because they share a process with the emulators, which the tracker needs too. */
const WORKERS = 2;

/**
 * Replaces `provision-rooms`, which is slow for so many rooms on one machine. Receives the requests of the bulk lane and publishes a
 * completion for each, until none is left.
 */
export async function answerRequests(deployment: Deployment, signal: AbortSignal): Promise<Answered> {
  const QueueUrl = await deployment.queueUrl('bulk');
  const TopicArn = await deployment.completionTopicArn();
  const answered: Answered = { messages: 0, keys: new Set() };

  async function work(): Promise<void> {
    while (!signal.aborted) {
      const { Messages = [] } = await deployment.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return;
      const PublishBatchRequestEntries = Messages.map(answerTo);
      const { Failed = [] } = await deployment.sns.send(
        new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }),
      );
      if (Failed.length > 0) throw new Error(`${Failed.length} completions were not published`);
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await deployment.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }

  function answerTo({ Body = '' }: Message, index: number): PublishBatchRequestEntry {
    const request = roomRequestSchema.parse(JSON.parse(Body));
    answered.messages += 1;
    answered.keys.add(request.idempotencyKey);
    const completion = completionOf(request, deployment.defaultRegion());
    const attributes = completionAttributes(completion, {
      lane: 'bulk',
      ...(request.roster && { roster: request.roster }),
    });
    return {
      Id: String(index),
      Message: JSON.stringify(completion),
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    };
  }

  await Promise.all(Array.from({ length: WORKERS }, work));
  return answered;
}

function completionOf({ idempotencyKey, room, tenant }: RoomRequest, region: Region) {
  const id = payloadHash({ room, region }).slice(0, 12);
  return provisionedCompletion({
    stage: 'local',
    idempotencyKey,
    tenant,
    region,
    claimId: 'claim',
    generation: 0,
    payloadHash: payloadHash({ room, region }),
    decidedAtMs: Date.now(),
    outcome: 'created',
    late: false,
    room: { ...room, arn: `arn:aws:ivschat:${region}:123456789012:room/${id}`, id },
  });
}
