import { createHash, randomUUID } from 'node:crypto';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import { hasForbiddenCharacter } from '../../emulator/sqs-sns-s3/allowed-characters.ts';

/** A message of a queue on a virtual clock. */
export interface VirtualMessage {
  id: string;
  body: string;
  attributes: Record<string, string>;
  groupId: string | undefined;
  sentAtMs: number;
  visibleAtMs: number;
  receiveCount: number;
  firstReceivedMs: number;
}

/** As much of SQS as the functions call, on a clock that the test moves. Queues are told apart by the last part of their URL. */
export function createVirtualQueues(nowMs: () => number, visibilityTimeoutMs: number) {
  const queues = new Map<string, VirtualMessage[]>();
  const queueOf = (name: string) => {
    const queue = queues.get(name) ?? [];
    queues.set(name, queue);
    return queue;
  };

  function send(
    queueName: string,
    body: string,
    attributes: Record<string, string> = {},
    groupId?: string,
    delaySeconds = 0,
  ) {
    const message = { id: randomUUID(), body, attributes, groupId };
    queueOf(queueName).push({
      ...message,
      sentAtMs: nowMs(),
      visibleAtMs: nowMs() + delaySeconds * 1000,
      receiveCount: 0,
      firstReceivedMs: 0,
    });
    return message.id;
  }

  function sendEntry(queueName: string, entry: SendEntry) {
    const { MessageBody, MessageAttributes = {}, MessageGroupId, DelaySeconds = 0 } = entry;
    const texts = [MessageBody, ...Object.values(MessageAttributes).map(({ StringValue }) => StringValue)];
    if (texts.some(hasForbiddenCharacter)) throw new Error('SQS would refuse the characters of this message');
    const attributes = Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]);
    const MessageId = send(queueName, MessageBody, Object.fromEntries(attributes), MessageGroupId, DelaySeconds);
    return { MessageId, MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') };
  }

  return {
    send,
    messages: (queueName: string): readonly VirtualMessage[] => queueOf(queueName),
    /** Up to so many that are visible, the oldest first; they are invisible from now on. */
    receive(queueName: string, maximum: number): VirtualMessage[] {
      const received = queueOf(queueName)
        .filter(({ visibleAtMs }) => visibleAtMs <= nowMs())
        .slice(0, maximum);
      for (const message of received) {
        message.receiveCount += 1;
        message.firstReceivedMs ||= nowMs();
        message.visibleAtMs = nowMs() + visibilityTimeoutMs;
      }
      return received;
    },
    /** The same in no order. @param random 0 inclusive to 1 exclusive */
    receiveAny(queueName: string, maximum: number, random: () => number): VirtualMessage[] {
      const queue = queueOf(queueName);
      queue.sort(() => random() - 0.5);
      return this.receive(queueName, maximum);
    },
    postpone(queueName: string, id: string, untilMs: number): void {
      for (const message of queueOf(queueName)) if (message.id === id) message.visibleAtMs = untilMs;
    },
    remove(queueName: string, ids: ReadonlySet<string>): void {
      queues.set(
        queueName,
        queueOf(queueName).filter(({ id }) => !ids.has(id)),
      );
    },
    nextVisibleMs(queueName: string): number {
      return queueOf(queueName).reduce(
        (next, { visibleAtMs }) => Math.min(next, visibleAtMs),
        Number.POSITIVE_INFINITY,
      );
    },
    handle({ headers, body }: ServiceRequest): ServiceResponse {
      const input = JSON.parse(body.toString('utf8'));
      const queueName = String(input.QueueUrl).split('/').at(-1) ?? '';
      switch (headers['x-amz-target']?.split('.').at(-1)) {
        case 'SendMessage':
          return json(sendEntry(queueName, input));
        case 'SendMessageBatch': {
          const entries: (SendEntry & { Id: string })[] = input.Entries;
          return json({ Successful: entries.map((entry) => ({ Id: entry.Id, ...sendEntry(queueName, entry) })) });
        }
        case 'ChangeMessageVisibilityBatch': {
          const entries: { Id: string; ReceiptHandle: string; VisibilityTimeout: number }[] = input.Entries;
          for (const { ReceiptHandle, VisibilityTimeout } of entries)
            for (const message of queueOf(queueName))
              if (message.id === ReceiptHandle) message.visibleAtMs = nowMs() + VisibilityTimeout * 1000;
          return json({ Successful: entries.map(({ Id }) => ({ Id })), Failed: [] });
        }
        case 'GetQueueAttributes': {
          const messages = queueOf(queueName);
          const visible = messages.filter(({ visibleAtMs }) => visibleAtMs <= nowMs()).length;
          const Attributes = {
            ApproximateNumberOfMessages: String(visible),
            ApproximateNumberOfMessagesNotVisible: String(messages.length - visible),
          };
          return json({ Attributes });
        }
        default:
          throw new Error(`${headers['x-amz-target']} is not emulated`);
      }
    },
  };
}

interface SendEntry {
  MessageBody: string;
  MessageAttributes?: Record<string, { StringValue: string }>;
  MessageGroupId?: string;
  DelaySeconds?: number;
}

export type VirtualQueues = ReturnType<typeof createVirtualQueues>;

function json(output: object): ServiceResponse {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(output) };
}

/** A message as Lambda's event-source mapping hands it over. */
export function toLambdaRecord(message: VirtualMessage, eventSourceARN: string): object {
  return {
    messageId: message.id,
    receiptHandle: message.id,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAtMs),
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
    ),
    eventSourceARN,
  };
}
