import { createHash, randomUUID } from 'node:crypto';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import { hasForbiddenCharacter } from '../../emulator/sqs-sns-s3/allowed-characters.ts';

/** A message of the simulated queues. `request` is the scenario's number for what it asks. */
export interface QueuedMessage {
  id: string;
  request: number;
  queue: string;
  body: string;
  sentAtMs: number;
  visibleAtMs: number;
  receiveCount: number;
  /** Epoch milliseconds; undefined before. */
  firstReceivedMs?: number;
  /** It went to the dead-letter queue though nothing was wrong with it. */
  movedByChance?: boolean;
  deleted: boolean;
}

export interface Published {
  body: string;
  attributes: Record<string, string>;
}

export interface MemoryMessaging {
  messages: QueuedMessage[];
  parked: { body: string; note: string }[];
  published: Published[];
  sqs(request: ServiceRequest): ServiceResponse;
  sns(request: ServiceRequest): ServiceResponse;
}

/** As much of SQS and SNS as the functions call: change visibility, park, publish. Delivery is the scenario's affair. */
export function createMemoryMessaging(nowMs: () => number): MemoryMessaging {
  const messaging: MemoryMessaging = {
    messages: [],
    parked: [],
    published: [],
    sqs({ headers, body }) {
      const input = JSON.parse(body.toString('utf8'));
      const action = headers['x-amz-target']?.split('.').at(-1);
      if (action === 'ChangeMessageVisibilityBatch') return json(changeVisibility(input.Entries));
      if (action === 'SendMessage') return json(park(input));
      throw new Error(`${action} of SQS is not simulated`);
    },
    sns({ body }) {
      const form = new URLSearchParams(body.toString('utf8'));
      if (form.get('Action') !== 'Publish') throw new Error(`${form.get('Action')} of SNS is not simulated`);
      const published = { body: form.get('Message') ?? '', attributes: attributesOf(form) };
      refuseForbidden([published.body, ...Object.values(published.attributes)]);
      messaging.published.push(published);
      const xml = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>${randomUUID()}</MessageId></PublishResult></PublishResponse>`;
      return { status: 200, headers: { 'content-type': 'text/xml' }, body: xml };
    },
  };

  function changeVisibility(entries: { Id: string; ReceiptHandle: string; VisibilityTimeout: number }[]) {
    for (const { ReceiptHandle, VisibilityTimeout } of entries) {
      const message = messaging.messages.find(({ id }) => id === ReceiptHandle);
      if (message && !message.deleted) message.visibleAtMs = nowMs() + VisibilityTimeout * 1000;
    }
    return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
  }

  function park(input: { MessageBody: string; MessageAttributes: Record<string, { StringValue: string }> }) {
    refuseForbidden([input.MessageBody, ...Object.values(input.MessageAttributes).map((each) => each.StringValue)]);
    messaging.parked.push({
      body: input.MessageBody,
      note: input.MessageAttributes['greenroom-parked']?.StringValue ?? '',
    });
    return { MessageId: randomUUID(), MD5OfMessageBody: createHash('md5').update(input.MessageBody).digest('hex') };
  }
  return messaging;
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

function json(body: object): ServiceResponse {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
}
