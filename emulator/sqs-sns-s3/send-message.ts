import * as z from 'zod';
import { hasForbiddenCharacter } from './allowed-characters.ts';
import { createMessage } from './fauxqs.ts';
import type { MessageAttributes, SqsQueue } from './fauxqs-types.ts';
import { batchEntries, performBatch, queueOf, type SqsAction } from './sqs-action.ts';
import { invalidParameter, parseInput, SqsError } from './sqs-error.ts';

/** Quotas of SQS. */
const MAX_DELAY_SECONDS = 900;
const MAX_BATCH_BYTES = 1_048_576;
const MAX_ATTRIBUTES = 10;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const GROUP_ID = /^[\x21-\x7e]{1,128}$/;
/**
 * "The name can contain alphanumeric characters and the underscore (_), hyphen (-), and period (.)". A name cannot begin or end with a
 * period, or contain two periods in a row.
 */
const ATTRIBUTE_NAME = /^(?!AWS\.|Amazon\.)(?!.{257})[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/i;
/** String, Number and Binary, each with an optional custom label: `Number.int`. */
const ATTRIBUTE_TYPE = /^(?!.{257})(String|Number|Binary)(\.\S+)?$/;

const attributesSchema = z
  .record(
    z.string(),
    z
      .object({ DataType: z.string(), StringValue: z.string().optional(), BinaryValue: z.string().optional() })
      .transform(({ DataType, StringValue, BinaryValue }) => ({
        DataType,
        ...(StringValue !== undefined && { StringValue }),
        ...(BinaryValue !== undefined && { BinaryValue }),
      })),
  )
  .default({});

const contentSchema = z.object({ MessageBody: z.string().min(1), MessageAttributes: attributesSchema });

const messageSchema = contentSchema.extend({
  DelaySeconds: z.int().min(0).max(MAX_DELAY_SECONDS).optional(),
  MessageGroupId: z.string().regex(GROUP_ID, '1 to 128 letters, digits and ASCII punctuation').optional(),
});

export const sendMessage: SqsAction = (input, { store, senderId }) => send(queueOf(store, input), input, senderId);

export const sendMessageBatch: SqsAction = (input, { store, senderId }) => {
  const queue = queueOf(store, input);
  const entries = batchEntries(input);
  const totalBytes = entries
    .map((entry) => sizeBytes(parseInput(contentSchema, entry)))
    .reduce((sum, size) => sum + size);
  if (totalBytes > MAX_BATCH_BYTES)
    throw new SqsError('BatchRequestTooLong', `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes.`);
  return performBatch(entries, (entry) => send(queue, entry, senderId));
};

function send(queue: SqsQueue, input: unknown, senderId: string): object {
  const content = parseInput(messageSchema, input);
  const { MessageBody, MessageAttributes, MessageGroupId } = content;
  const delaySeconds = content.DelaySeconds ?? Number(queue.attributes.DelaySeconds);
  if (hasForbiddenCharacter(MessageBody))
    throw new SqsError('InvalidMessageContents', 'The body contains characters outside XML 1.0.');
  checkAttributes(MessageAttributes);
  if (Object.keys(MessageAttributes).length > MAX_ATTRIBUTES)
    throw invalidParameter(`Number of message attributes exceeds the allowed maximum [${MAX_ATTRIBUTES}].`);
  const maximumBytes = Number(queue.attributes.MaximumMessageSize);
  if (sizeBytes(content) > maximumBytes)
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${maximumBytes} bytes.`,
    );

  const message = createMessage({
    body: MessageBody,
    senderId,
    attributes: MessageAttributes,
    delaySeconds,
    groupId: MessageGroupId,
  });
  queue.enqueue(message);
  return {
    MessageId: message.messageId,
    MD5OfMessageBody: message.md5OfBody,
    ...(message.md5OfMessageAttributes && { MD5OfMessageAttributes: message.md5OfMessageAttributes }),
  };
}

/**
 * "The Name, Type, Value, and the message body must not be empty or null"; and string values have "the same restrictions on the
 * content as the message body":
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
function checkAttributes(attributes: MessageAttributes): void {
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    if (name === '' || DataType === '' || !(StringValue || BinaryValue))
      throw invalidParameter(
        `The message attribute '${name}' must contain a name, a type and a value that are not empty.`,
      );
    if (!ATTRIBUTE_NAME.test(name)) throw invalidParameter(`The message attribute name '${name}' is invalid.`);
    if (!ATTRIBUTE_TYPE.test(DataType))
      throw invalidParameter(
        `The type of message attribute '${name}' is invalid. You must use only Binary, Number, and String.`,
      );
    if (StringValue !== undefined && hasForbiddenCharacter(StringValue))
      throw invalidParameter(`The message attribute '${name}' contains characters outside XML 1.0.`);
  }
}

/** The size that counts against the limits: the body, and each attribute's name, type and value. */
function sizeBytes({
  MessageBody,
  MessageAttributes,
}: {
  MessageBody: string;
  MessageAttributes: MessageAttributes;
}): number {
  return Object.entries(MessageAttributes).reduce(
    (total, [name, { DataType, StringValue = '', BinaryValue = '' }]) =>
      total + Buffer.byteLength(name + DataType + StringValue, 'utf8') + Buffer.byteLength(BinaryValue, 'base64'),
    Buffer.byteLength(MessageBody, 'utf8'),
  );
}
