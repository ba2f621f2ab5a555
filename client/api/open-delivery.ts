import { parseJson } from '../../lib/contract/parse-json.ts';
import { isRecord } from '../../lib/contract/record.ts';

/** An event as a service delivered it. */
export type Delivery =
  | { kind: 'event'; event: Record<string, unknown>; attributes: Record<string, string> }
  | { kind: 'unreadable'; problem: string };

/**
 * Usual deliveries have at most four layers: a Lambda record contains an SQS body, which contains an SNS notification, which contains the
 * event.
 */
const MAX_LAYERS = 8;

/**
 * Finds the event in a delivery. The delivery can be the text of a message, an SNS notification, an SQS message, a Lambda record of SQS or
 * SNS, or an EventBridge event. Never throws.
 */
export function openDelivery(input: unknown): Delivery {
  let value = input;
  let attributes: Record<string, string> = {};
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    if (typeof value === 'string') {
      value = parseJson(value);
      if (value === undefined) return { kind: 'unreadable', problem: 'The message is not JSON' };
    }
    if (!isRecord(value)) return { kind: 'unreadable', problem: 'The message is not an object' };
    if (typeof value.specversion === 'string') return { kind: 'event', event: value, attributes };
    const inner = contentOf(value);
    if (inner === undefined) return { kind: 'unreadable', problem: problemOf(value) };
    attributes = { ...attributes, ...attributesOf(value) };
    value = inner;
  }
  return { kind: 'unreadable', problem: 'The message has too many envelopes' };
}

/** Returns the content of an envelope; undefined if the value is not an envelope. */
function contentOf(envelope: Record<string, unknown>): unknown {
  const { Sns, body, Body, Type, Message, detail } = envelope;
  // In this order: a Lambda record of SNS, a Lambda record of SQS, an SQS message, an SNS notification, an EventBridge event.
  return Sns ?? body ?? Body ?? (Type === 'Notification' ? Message : undefined) ?? detail;
}

function problemOf({ Type, Records }: Record<string, unknown>): string {
  if (Type === 'SubscriptionConfirmation') return 'The message asks to confirm a subscription, and contains no event';
  if (Array.isArray(Records)) return 'This is a batch of records: use parseCompletions';
  return 'The message is neither a CloudEvent nor an envelope that contains one';
}

/**
 * Reads the message attributes. Their values are in `stringValue` in a Lambda record, in `StringValue` in an SQS message, and in `Value` in
 * a notification.
 */
function attributesOf({ messageAttributes, MessageAttributes }: Record<string, unknown>): Record<string, string> {
  const given = messageAttributes ?? MessageAttributes;
  if (!isRecord(given)) return {};
  const texts = Object.entries(given).flatMap(([name, attribute]) => {
    if (!isRecord(attribute)) return [];
    const text = attribute.stringValue ?? attribute.StringValue ?? attribute.Value;
    return typeof text === 'string' ? [[name, text] as const] : [];
  });
  return Object.fromEntries(texts);
}
