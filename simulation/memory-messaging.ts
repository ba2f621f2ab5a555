import { randomUUID } from 'node:crypto';
import type { ServiceRequest, ServiceResponse } from '../emulator/service.ts';
import { MemoryQueue, type QueueSettings } from './memory-queue.ts';
import { answerSqs, refuseForbidden, type SqsQueue } from './memory-sqs.ts';

export interface Published {
  body: string;
  attributes: Record<string, string>;
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
 * The part of SQS and SNS that the functions and the command line call. The last part of a URL identifies the queue. Tests receive messages
 * directly from the queues.
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
    sqs: (request) => answerSqs(request, (name) => others[name] ?? queue(name), nowMs()),
    sns({ body }) {
      const form = new URLSearchParams(body.toString('utf8'));
      if (form.get('Action') !== 'Publish') throw new Error(`${form.get('Action')} of SNS is not simulated`);
      const message = { body: form.get('Message') ?? '', attributes: attributesOf(form) };
      refuseForbidden([message.body, ...Object.values(message.attributes)]);
      published.push(message);
      return publishResponse(randomUUID());
    },
  };
}

function attributesOf(form: URLSearchParams): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (let index = 1; form.has(`MessageAttributes.entry.${index}.Name`); index++) {
    const entry = `MessageAttributes.entry.${index}`;
    attributes[form.get(`${entry}.Name`) ?? ''] = form.get(`${entry}.Value.StringValue`) ?? '';
  }
  return attributes;
}

/** SNS's response to Publish. */
export function publishResponse(messageId: string): ServiceResponse {
  const result = `<PublishResult><MessageId>${messageId}</MessageId></PublishResult>`;
  const xml = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</PublishResponse>`;
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: xml };
}
