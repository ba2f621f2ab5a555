import type { MessageAttributeValue, SendMessageCommandInput } from '@aws-sdk/client-sqs';
import { MAX_MESSAGE_BYTES } from '../platform/send-messages.ts';
import { laneToReturnTo, type ParkedMessage, type ParkingNote, type ReturnQueue } from './parked-message.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_ATTRIBUTES = 10;

const SENT_AT = 'greenroom-sent-at';
const NEEDED_BY = 'greenroom-needed-by';

/** A message as it is to be sent to the queue of a lane; or why a parked one can't be. */
export type ReturnMessage =
  | {
      kind: 'sendable';
      lane: ReturnQueue;
      lacksAttributes: boolean;
      message: Omit<SendMessageCommandInput, 'QueueUrl'>;
    }
  | { kind: 'unsendable'; problem: string };

/**
 * A parked request as it was, in its tenant's group, with the operator's times. They replace all others: a request that is sent
 * after its failure may take the failed key again. Those of an earlier time that it was sent back are left out.
 * @param stage it must come from a lane of this stage
 * @param neededBy ISO 8601
 */
export function returnMessage(
  { body, tenant, note, noteProblem = 'It has no note' }: ParkedMessage,
  { stage, sentAt, neededBy }: { stage: string; sentAt: Date; neededBy?: string },
): ReturnMessage {
  if (note === undefined) return { kind: 'unsendable', problem: noteProblem };
  const lane = laneToReturnTo(note, stage);
  if (lane === undefined)
    return { kind: 'unsendable', problem: `It came from ${note.sourceQueue}, which is no lane of this stage` };
  const attributes = {
    ...attributesIn(note),
    [SENT_AT]: { DataType: 'String', StringValue: sentAt.toISOString() },
    ...(neededBy !== undefined && { [NEEDED_BY]: { DataType: 'String', StringValue: neededBy } }),
  };
  const count = Object.keys(attributes).length;
  if (count > MAX_ATTRIBUTES)
    return { kind: 'unsendable', problem: `It would have ${count} attributes; SQS takes ${MAX_ATTRIBUTES}` };
  const sizeBytes = Buffer.byteLength(body) + attributesBytes(attributes);
  if (sizeBytes > MAX_MESSAGE_BYTES)
    return { kind: 'unsendable', problem: `It would have ${sizeBytes} bytes; the queue takes ${MAX_MESSAGE_BYTES}` };
  return {
    kind: 'sendable',
    lane,
    lacksAttributes: note.originalAttributes === undefined,
    message: { MessageBody: body, MessageAttributes: attributes, MessageGroupId: tenant },
  };
}

function attributesIn({ originalAttributes = {} }: ParkingNote): Record<string, MessageAttributeValue> {
  const entries = Object.entries(originalAttributes).filter(([name]) => name !== SENT_AT && name !== NEEDED_BY);
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

/** As SQS counts: names, types and values. */
function attributesBytes(attributes: Record<string, MessageAttributeValue>): number {
  return Object.entries(attributes).reduce(
    (sum, [name, { DataType = '', StringValue = '', BinaryValue }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.byteLength ?? 0),
    0,
  );
}
