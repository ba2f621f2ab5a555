import { createHash, randomUUID } from 'node:crypto';
import type { ServiceRequest, ServiceResponse } from '../emulator/service.ts';
import { hasForbiddenCharacter } from '../emulator/sqs-sns-s3/allowed-characters.ts';
import { MemoryQueue, type QueueSettings, type Sending } from './memory-queue.ts';

export interface Published {
  body: string;
  attributes: Record<string, string>;
}

/** The part of a queue that the answers of SQS's API need. */
export interface SqsQueue extends Pick<MemoryQueue, 'postpone' | 'counts'> {
  send(body: string, sending: Sending): { id: string };
}

export interface MemoryMessaging {
  /** A queue, which is created when it is first requested. */
  queue(name: string): MemoryQueue;
  /** The messages in the parked queue. */
  readonly parked: { body: string; note: string }[];
  published: Published[];
  sqs(request: ServiceRequest): ServiceResponse;
  sns(request: ServiceRequest): ServiceResponse;
}

/**
 * The part of SQS and SNS that the functions call. The last part of a URL identifies the queue. Tests receive messages directly
 * from the queues.
 * @param settingsOf the settings of a queue; by default a visibility timeout of six minutes
 * @param others queues of another kind, by their names
 */
export function createMemoryMessaging(
  nowMs: () => number,
  settingsOf: (name: string) => QueueSettings = () => ({ visibilityTimeoutMs: 360_000 }),
  others: Record<string, SqsQueue> = {},
): MemoryMessaging {
  const queues = new Map<string, MemoryQueue>();
  const published: Published[] = [];
  function queue(name: string): MemoryQueue {
    const known = queues.get(name) ?? new MemoryQueue(name, nowMs, settingsOf(name));
    queues.set(name, known);
    return known;
  }
  return {
    queue,
    published,
    get parked() {
      const messages = queue('parked').messages();
      return messages.map(({ body, attributes }) => ({ body, note: attributes['greenroom-parked'] ?? '' }));
    },
    sqs({ headers, body }) {
      const input = JSON.parse(body.toString('utf8'));
      const name = String(input.QueueUrl).split('/').at(-1) ?? '';
      return json(answerSqs(headers['x-amz-target']?.split('.').at(-1), input, others[name] ?? queue(name), nowMs()));
    },
    sns({ body }) {
      const form = new URLSearchParams(body.toString('utf8'));
      if (form.get('Action') !== 'Publish') throw new Error(`${form.get('Action')} of SNS is not simulated`);
      const message = { body: form.get('Message') ?? '', attributes: attributesOf(form) };
      refuseForbidden([message.body, ...Object.values(message.attributes)]);
      published.push(message);
      return publishAnswer(randomUUID());
    },
  };
}

interface SendEntry {
  MessageBody: string;
  MessageAttributes?: Record<string, { StringValue: string }>;
  MessageGroupId?: string;
  DelaySeconds?: number;
}

interface SqsInput extends SendEntry {
  Entries: (SendEntry & { Id: string; ReceiptHandle: string; VisibilityTimeout: number })[];
}

function answerSqs(action: string | undefined, input: SqsInput, queue: SqsQueue, nowMs: number): object {
  switch (action) {
    case 'SendMessage':
      return send(input, queue);
    case 'SendMessageBatch':
      return { Successful: input.Entries.map((entry) => ({ Id: entry.Id, ...send(entry, queue) })) };
    case 'ChangeMessageVisibilityBatch':
      for (const { ReceiptHandle, VisibilityTimeout } of input.Entries)
        queue.postpone(ReceiptHandle, nowMs + VisibilityTimeout * 1000);
      return { Successful: input.Entries.map(({ Id }) => ({ Id })), Failed: [] };
    case 'GetQueueAttributes': {
      const { visible, inFlight } = queue.counts();
      const Attributes = {
        ApproximateNumberOfMessages: String(visible),
        ApproximateNumberOfMessagesNotVisible: String(inFlight),
      };
      return { Attributes };
    }
    default:
      throw new Error(`${action} of SQS is not simulated`);
  }
}

function send({ MessageBody, MessageAttributes = {}, MessageGroupId, DelaySeconds }: SendEntry, queue: SqsQueue) {
  const texts = Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue] as const);
  refuseForbidden([MessageBody, ...texts.map(([, text]) => text)]);
  const attributes = Object.fromEntries(texts);
  const { id } = queue.send(MessageBody, { attributes, groupId: MessageGroupId, delaySeconds: DelaySeconds });
  return { MessageId: id, MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') };
}

/** SQS would refuse such a message, and SNS could not deliver it. */
function refuseForbidden(texts: string[]): void {
  if (texts.some(hasForbiddenCharacter)) throw new Error('SQS would refuse the characters of this message');
}

function attributesOf(form: URLSearchParams): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (let index = 1; form.has(`MessageAttributes.entry.${index}.Name`); index++) {
    const entry = `MessageAttributes.entry.${index}`;
    attributes[form.get(`${entry}.Name`) ?? ''] = form.get(`${entry}.Value.StringValue`) ?? '';
  }
  return attributes;
}

/** SNS's answer to Publish. */
export function publishAnswer(messageId: string): ServiceResponse {
  const result = `<PublishResult><MessageId>${messageId}</MessageId></PublishResult>`;
  const xml = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</PublishResponse>`;
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: xml };
}

function json(body: object): ServiceResponse {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
}
