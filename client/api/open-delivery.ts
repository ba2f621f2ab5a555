import { parseJson } from '../../lib/contract/parse-json.ts';
import { isRecord } from '../../lib/contract/record.ts';

/** An event as a service has delivered it. */
export type Delivery =
  | { kind: 'event'; event: Record<string, unknown>; attributes: Record<string, string> }
  | { kind: 'unreadable'; problem: string };

/** A Lambda record with an SQS body with an SNS notification with an event has four layers. */
const MAX_LAYERS = 8;

/**
 * Finds the event in a delivery: in the text of a message, an SNS notification, a message or a Lambda record of SQS, a Lambda record of
 * SNS, or an event of EventBridge. Never throws.
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

/** What an envelope contains; undefined if this is no envelope. */
function contentOf(envelope: Record<string, unknown>): unknown {
  const { Sns, body, Body, Type, Message, detail } = envelope;
  // A notification of SNS in the record of a Lambda function; a record and a message of SQS; a notification; an event of EventBridge.
  return Sns ?? body ?? Body ?? (Type === 'Notification' ? Message : undefined) ?? detail;
}

function problemOf({ Type, Records }: Record<string, unknown>): string {
  if (Type === 'SubscriptionConfirmation') return 'The message asks to confirm a subscription, and contains no event';
  if (Array.isArray(Records)) return 'This is a batch of records: use parseCompletions';
  return 'The message is neither a CloudEvent nor an envelope that contains one';
}

/** The attributes as each service writes them: `stringValue` in a Lambda record, `StringValue` in a message of SQS, `Value` in a notification. */
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
