import type { MessageAttributeValue, SendMessageCommandInput } from '@aws-sdk/client-sqs';
import { LANES, type Lane } from '../../lib/contract/lanes.ts';
import type { ParkedNote } from '../../lib/contract/parked-note.ts';
import { REDRIVE_ATTRIBUTES, readRedrive, redriveAttributes } from '../../lib/contract/redrive-attributes.ts';
import { toMessageAttributes } from '../../lib/platform/message-text.ts';
import { MAX_MESSAGE_BYTES } from '../../lib/platform/send-messages.ts';
import type { QueueName } from '../deployment.ts';
import { laneToReturnTo, type ParkedMessage, type ReturnQueue } from './parked-message.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_ATTRIBUTES = 10;

/** The prefix of the attributes that greenroom itself sets. Attributes that remain from an earlier redrive are left out. */
const OWN_PREFIX = 'greenroom-';

/** A message to be sent back, and its queue; or why a parked message cannot be sent back. */
export type ReturnMessage =
  | {
      kind: 'sendable';
      lane: ReturnQueue;
      queue: QueueName;
      lacksAttributes: boolean;
      message: Omit<SendMessageCommandInput, 'QueueUrl'>;
    }
  | { kind: 'unsendable'; problem: string };

/**
 * Turns a parked message back into the original one, in its tenant's message group. A request goes to the redrive queue, where it counts as
 * a new message, so it may claim a failed key again. Its attributes contain the lane and the time at which it was first sent. Its wish
 * counts as made at that time, even if the request is sent back several times. Other messages return to their own queue.
 * @param stage the message must come from a queue of this stage
 * @param neededBy ISO 8601
 */
export function returnMessage(
  { body, tenant, note, noteProblem = 'It has no note' }: ParkedMessage,
  { stage, neededBy }: { stage: string; neededBy?: string },
): ReturnMessage {
  if (note === undefined) return { kind: 'unsendable', problem: noteProblem };
  const lane = laneToReturnTo(note, stage);
  if (lane === undefined)
    return { kind: 'unsendable', problem: `It came from ${note.sourceQueue}, which is not a queue of this stage` };
  const requestLane = LANES.find((name) => name === lane);
  const attributes = { ...attributesIn(note), ...(requestLane && attributesOfRequest(note, requestLane, neededBy)) };
  const count = Object.keys(attributes).length;
  if (count > MAX_ATTRIBUTES)
    return { kind: 'unsendable', problem: `It would have ${count} attributes; SQS accepts ${MAX_ATTRIBUTES}` };
  const sizeBytes = Buffer.byteLength(body) + attributesBytes(attributes);
  if (sizeBytes > MAX_MESSAGE_BYTES)
    return {
      kind: 'unsendable',
      problem: `It would be ${sizeBytes} bytes long; the queue accepts at most ${MAX_MESSAGE_BYTES}`,
    };
  return {
    kind: 'sendable',
    lane,
    queue: requestLane ? 'redrive' : lane,
    lacksAttributes: note.originalAttributes === undefined,
    message: { MessageBody: body, MessageAttributes: attributes, MessageGroupId: tenant },
  };
}

/**
 * The attributes that greenroom adds to a request. If they do not all fit, the request goes back without the time at which it was first
 * sent, because a request that cannot be sent back at all is worse than a wish that counts as made now.
 */
function attributesOfRequest(
  note: ParkedNote,
  lane: Lane,
  neededBy: string | undefined,
): Record<string, MessageAttributeValue> {
  // If the note does not say whether a request may name a roster, the request may do so, because the operator who sends it back is trusted.
  const { isFromRoster = true } = note;
  const needed = redriveAttributes({ lane, neededBy, isFromRoster });
  const all = redriveAttributes({ lane, neededBy, isFromRoster, wishedAt: firstSentAt(note) });
  const left = MAX_ATTRIBUTES - Object.keys(attributesIn(note)).length;
  return toMessageAttributes(Object.keys(all).length <= left ? all : needed);
}

/**
 * When the message was first sent, as ISO 8601. A note of an earlier version does not contain this time. If this command has sent the
 * message back before, the attributes of the message contain it. Senders cannot set these attributes, because they count only in a message
 * that came from the redrive queue.
 */
function firstSentAt({ sentAt, wishedAt = sentAt, sourceQueue, originalAttributes = {} }: ParkedNote): string {
  const name = REDRIVE_ATTRIBUTES.wishedAt;
  const stated = sourceQueue.endsWith('-redrive') ? originalAttributes[name]?.stringValue : undefined;
  const { wishedAtMs = Date.parse(sentAt) } = readRedrive({ [name]: stated });
  return new Date(Math.min(Date.parse(sentAt), Date.parse(wishedAt), wishedAtMs)).toISOString();
}

function attributesIn({ originalAttributes = {} }: ParkedNote): Record<string, MessageAttributeValue> {
  const entries = Object.entries(originalAttributes).filter(([name]) => !name.startsWith(OWN_PREFIX));
  return Object.fromEntries(
    entries.map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      {
        DataType: dataType,
        ...(stringValue !== undefined && { StringValue: stringValue }),
        ...(binaryValue !== undefined && { BinaryValue: Buffer.from(binaryValue, 'base64') }),
      },
    ]),
  );
}

/** The size of attributes as SQS counts it: names, types and values. */
function attributesBytes(attributes: Record<string, MessageAttributeValue>): number {
  return Object.entries(attributes).reduce(
    (sum, [name, { DataType = '', StringValue = '', BinaryValue }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.byteLength ?? 0),
    0,
  );
}
