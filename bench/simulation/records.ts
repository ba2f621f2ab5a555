import type { Lane } from '../../lib/contract/lanes.ts';
import type { IncomingRecord } from '../../lib/platform/incoming-record.ts';
import { queueArn } from './assumptions.ts';
import type { SimulatedMessage } from './fair-queue.ts';

/** The record that Lambda passes for a message. Its id is also the receipt handle. */
export function toRecord(
  { id, body, receiveCount, sentAtMs, firstReceivedMs }: SimulatedMessage,
  lane: Lane = 'bulk',
): IncomingRecord {
  return {
    messageId: id,
    receiptHandle: id,
    body,
    attributes: {
      ApproximateReceiveCount: receiveCount,
      SentTimestamp: sentAtMs,
      ApproximateFirstReceiveTimestamp: firstReceivedMs,
    },
    messageAttributes: {},
    eventSourceARN: queueArn(lane),
  };
}
