import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { deadLetterSourceOf, moveToDeadLetterQueue, redriveOf } from './dead-letters.ts';
import { senderIdOf } from './fauxqs.ts';
import type { MessageAttributes, SqsMessage, SqsQueue } from './fauxqs-types.ts';
import { queueOf, type SqsAction, type SqsContext } from './sqs-action.ts';
import { parseInput, SqsError } from './sqs-error.ts';
import { waitForMessages } from './wait-for-messages.ts';

/** Quotas of SQS. */
export const MAX_VISIBILITY_TIMEOUT_SECONDS = 43_200;
const MAX_WAIT_SECONDS = 20;
const MAX_MESSAGES = 10;

const receiveSchema = z.object({
  MaxNumberOfMessages: z.int().min(1).max(MAX_MESSAGES).default(1),
  VisibilityTimeout: z.int().min(0).max(MAX_VISIBILITY_TIMEOUT_SECONDS).optional(),
  WaitTimeSeconds: z.int().min(0).max(MAX_WAIT_SECONDS).optional(),
  AttributeNames: z.array(z.string()).default([]),
  MessageSystemAttributeNames: z.array(z.string()).default([]),
  MessageAttributeNames: z.array(z.string()).default([]),
});

interface Received {
  message: SqsMessage;
  receiptHandle: string;
}

/**
 * ReceiveMessage, with long polling. No message is received for a caller that closes the connection during the wait, or while the gateway
 * closes.
 */
export const receiveMessage: SqsAction = async (input, context, gone) => {
  const queue = queueOf(context.store, input);
  const request = parseInput(receiveSchema, input);
  const visibilityTimeoutSeconds = request.VisibilityTimeout ?? Number(queue.attributes.VisibilityTimeout);
  const waitSeconds = request.WaitTimeSeconds ?? Number(queue.attributes.ReceiveMessageWaitTimeSeconds);

  // With short polling only: "If you use long polling, Amazon SQS returns no error messages."
  if (waitSeconds === 0 && leftInFlight(queue, context) <= 0)
    throw new SqsError('OverLimit', `There are ${context.maximumInFlight} messages in flight.`);
  const deadlineMs = Date.now() + waitSeconds * 1000;
  let received = take(queue, request.MaxNumberOfMessages, visibilityTimeoutSeconds, context);
  for (let leftMs = waitSeconds * 1000; received.length === 0 && leftMs > 0; leftMs = deadlineMs - Date.now()) {
    if (gone.aborted) break;
    await waitForMessages(queue, leftMs, gone);
    // A queue that was deleted in the meantime never wakes its receivers, and its timers would outlive the gateway.
    if (gone.aborted || context.store.getQueue(queue.url) !== queue) break;
    received = take(queue, request.MaxNumberOfMessages, visibilityTimeoutSeconds, context);
  }

  const systemNames = new Set([...request.AttributeNames, ...request.MessageSystemAttributeNames]);
  const describe = (each: Received) => describeMessage(each, systemNames, request.MessageAttributeNames);
  return received.length > 0 ? { Messages: received.map(describe) } : {};
};

/** How many more messages may be in flight. Messages that have become visible again do not count. */
function leftInFlight(queue: SqsQueue, { maximumInFlight }: SqsContext): number {
  queue.processTimers();
  return maximumInFlight - queue.inflightMessages.size;
}

/** Takes messages in the order of delivery, and moves those that have reached the maximum receive count to the dead-letter queue. */
function take(queue: SqsQueue, maximum: number, visibilityTimeoutSeconds: number, context: SqsContext): Received[] {
  const most = Math.min(maximum, leftInFlight(queue, context));
  if (most <= 0) return [];
  const redrive = redriveOf(queue, context.store);
  const taken = new Set<SqsMessage>();
  const received: Received[] = [];
  for (const message of context.deliveryOrder(queue)) {
    taken.add(message);
    const isExhausted = message.approximateReceiveCount >= (redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY);
    if (redrive && (isExhausted || context.forcedDeadLetters.takesNext(queue)))
      moveToDeadLetterQueue(message, queue, redrive.deadLetterQueue);
    else received.push(setInFlight(queue, message, visibilityTimeoutSeconds, context));
    if (received.length === most) break;
  }
  queue.messages = queue.messages.filter((message) => !taken.has(message));
  return received;
}

function setInFlight(
  queue: SqsQueue,
  message: SqsMessage,
  visibilityTimeoutSeconds: number,
  { receivedAtMs }: SqsContext,
): Received {
  const nowMs = Date.now();
  const receiptHandle = randomUUID();
  const visibilityDeadline = nowMs + visibilityTimeoutSeconds * 1000;
  message.approximateReceiveCount += 1;
  message.approximateFirstReceiveTimestamp ??= nowMs;
  receivedAtMs.set(message, nowMs);
  queue.inflightMessages.set(receiptHandle, { message, receiptHandle, visibilityDeadline });
  queue.persistence?.updateMessageInflight(
    message.messageId,
    receiptHandle,
    visibilityDeadline,
    message.approximateReceiveCount,
    message.approximateFirstReceiveTimestamp,
  );
  return { message, receiptHandle };
}

function describeMessage(
  { message, receiptHandle }: Received,
  systemNames: Set<string>,
  attributeNames: string[],
): object {
  const systemAttributes = Object.entries(systemAttributesOf(message)).filter(
    ([name, value]) => value !== undefined && (systemNames.has('All') || systemNames.has(name)),
  );
  const attributes = requestedAttributes(message.messageAttributes, attributeNames);
  const isWhole = Object.keys(attributes).length === Object.keys(message.messageAttributes).length;
  return {
    MessageId: message.messageId,
    ReceiptHandle: receiptHandle,
    MD5OfBody: message.md5OfBody,
    Body: message.body,
    ...(systemAttributes.length > 0 && { Attributes: Object.fromEntries(systemAttributes) }),
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
    ...(isWhole && message.md5OfMessageAttributes && { MD5OfMessageAttributes: message.md5OfMessageAttributes }),
  };
}

function systemAttributesOf(message: SqsMessage): Record<string, string | undefined> {
  return {
    SenderId: senderIdOf(message),
    SentTimestamp: String(message.sentTimestamp),
    ApproximateReceiveCount: String(message.approximateReceiveCount),
    ApproximateFirstReceiveTimestamp: String(message.approximateFirstReceiveTimestamp),
    MessageGroupId: message.messageGroupId,
    DeadLetterQueueSourceArn: deadLetterSourceOf(message),
  };
}

/** The attributes that the caller requested, as in SQS: by name, by `prefix.*`, or all. */
function requestedAttributes(attributes: MessageAttributes, names: string[]): MessageAttributes {
  const isRequested = (attribute: string) =>
    names.some(
      (name) =>
        name === 'All' ||
        name === '.*' ||
        (name.endsWith('.*') ? attribute.startsWith(name.slice(0, -1)) : attribute === name),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isRequested(name)));
}
