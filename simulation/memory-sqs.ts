import { createHash } from 'node:crypto';
import { ACCOUNT_ID } from '../emulator/account.ts';
import type { ServiceRequest, ServiceResponse } from '../emulator/service.ts';
import { hasForbiddenCharacter } from '../emulator/sqs-sns-s3/allowed-characters.ts';
import type { MemoryMessage, MemoryQueue, Sending } from './memory-queue.ts';

/** The part of a queue that SQS's API uses. Some queues do not support receives through the API. */
export interface SqsQueue
  extends Pick<MemoryQueue, 'postpone' | 'counts'>,
    Partial<Pick<MemoryQueue, 'receive' | 'remove'>> {
  send(body: string, sending: Sending): { id: string };
}

interface SendEntry {
  MessageBody: string;
  MessageAttributes?: Record<string, { StringValue: string }>;
  MessageGroupId?: string;
  DelaySeconds?: number;
}

interface SqsInput extends SendEntry {
  QueueUrl: string;
  QueueName: string;
  Entries: (SendEntry & { Id: string; ReceiptHandle: string; VisibilityTimeout: number })[];
  ReceiptHandle: string;
  MaxNumberOfMessages?: number;
  VisibilityTimeout?: number;
}

interface Call {
  input: SqsInput;
  name: string;
  queue: SqsQueue;
  region: string;
  nowMs: number;
}

const actions = new Map(
  Object.entries<(call: Call) => object>({
    SendMessage: ({ input, queue }) => send(input, queue),
    SendMessageBatch: ({ input, queue }) => ({
      Successful: input.Entries.map((entry) => ({ Id: entry.Id, ...send(entry, queue) })),
    }),
    ChangeMessageVisibilityBatch({ input, queue, nowMs }) {
      for (const { ReceiptHandle, VisibilityTimeout } of input.Entries)
        queue.postpone(ReceiptHandle, nowMs + VisibilityTimeout * 1000);
      return { Successful: input.Entries.map(({ Id }) => ({ Id })), Failed: [] };
    },
    ReceiveMessage: ({ input, queue, nowMs }) => ({ Messages: receive(input, queue, nowMs) }),
    DeleteMessage({ input, queue }) {
      queue.remove?.(new Set([input.ReceiptHandle]));
      return {};
    },
    GetQueueUrl: ({ name, region }) => ({ QueueUrl: `https://sqs.${region}.amazonaws.com/${ACCOUNT_ID}/${name}` }),
    GetQueueAttributes({ name, queue, region }) {
      const { visible, inFlight } = queue.counts();
      const Attributes = {
        QueueArn: `arn:aws:sqs:${region}:${ACCOUNT_ID}:${name}`,
        ApproximateNumberOfMessages: String(visible),
        ApproximateNumberOfMessagesNotVisible: String(inFlight),
      };
      return { Attributes };
    },
  }),
);

/** Answers one call of SQS's API. @throws Error if the call is not simulated, or SQS would refuse it */
export function answerSqs(
  { headers, body, region }: ServiceRequest,
  queueOf: (name: string) => SqsQueue,
  nowMs: number,
): ServiceResponse {
  const action = headers['x-amz-target']?.split('.').at(-1) ?? '';
  const perform = actions.get(action);
  if (!perform) throw new Error(`${action} of SQS is not simulated`);
  const input: SqsInput = JSON.parse(body.toString('utf8'));
  const name = input.QueueName ?? input.QueueUrl.split('/').at(-1) ?? '';
  return json(perform({ input, name, queue: queueOf(name), region, nowMs }));
}

function receive({ MaxNumberOfMessages = 1, VisibilityTimeout }: SqsInput, queue: SqsQueue, nowMs: number): object[] {
  if (!queue.receive) throw new Error('This simulated queue supports no receives through the API');
  const messages = queue.receive(MaxNumberOfMessages);
  if (VisibilityTimeout !== undefined)
    for (const { id } of messages) queue.postpone(id, nowMs + VisibilityTimeout * 1000);
  return messages.map(receivedMessage);
}

function receivedMessage({ id, body, attributes, sentAtMs, receiveCount }: MemoryMessage): object {
  const texts = Object.entries(attributes).map(
    ([name, StringValue]) => [name, { DataType: 'String', StringValue }] as const,
  );
  return {
    MessageId: id,
    ReceiptHandle: id,
    Body: body,
    MD5OfBody: md5(body),
    Attributes: { SentTimestamp: String(sentAtMs), ApproximateReceiveCount: String(receiveCount) },
    MessageAttributes: Object.fromEntries(texts),
  };
}

function send({ MessageBody, MessageAttributes = {}, MessageGroupId, DelaySeconds }: SendEntry, queue: SqsQueue) {
  const texts = Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue] as const);
  refuseForbidden([MessageBody, ...texts.map(([, text]) => text)]);
  const attributes = Object.fromEntries(texts);
  const { id } = queue.send(MessageBody, { attributes, groupId: MessageGroupId, delaySeconds: DelaySeconds });
  return { MessageId: id, MD5OfMessageBody: md5(MessageBody) };
}

/** @throws Error if a text contains a character that SQS refuses. SNS could not deliver such a message to a queue */
export function refuseForbidden(texts: string[]): void {
  if (texts.some(hasForbiddenCharacter)) throw new Error('SQS would refuse the characters of this message');
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function json(body: object): ServiceResponse {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
}
