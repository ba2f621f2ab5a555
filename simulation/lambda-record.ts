import type { MemoryMessage } from './memory-queue.ts';

/** A message as Lambda's event-source mapping passes it to a function. @param senderId the sender's id in SQS */
export function toLambdaRecord(message: MemoryMessage, queueArn: string, senderId?: string) {
  const { id, body, attributes, sentAtMs, receiveCount, firstReceivedMs = sentAtMs, deadLetterSource } = message;
  const texts = Object.entries(attributes).map(
    ([name, stringValue]) => [name, { dataType: 'String', stringValue }] as const,
  );
  return {
    messageId: id,
    receiptHandle: id,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: String(sentAtMs),
      ApproximateFirstReceiveTimestamp: String(firstReceivedMs),
      ...(senderId !== undefined && { SenderId: senderId }),
      ...(deadLetterSource !== undefined && {
        DeadLetterQueueSourceArn: queueArn.replace(/[^:]+$/, deadLetterSource),
      }),
    },
    messageAttributes: Object.fromEntries(texts),
    eventSourceARN: queueArn,
  };
}
