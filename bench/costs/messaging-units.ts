import type { ServiceRequest } from '../../emulator/service.ts';
import type { Count } from './counts.ts';

/**
 * "Every 64 KB chunk of a payload is billed as 1 request" (https://aws.amazon.com/sqs/pricing/). SNS bills in the same way
 * (https://aws.amazon.com/sns/pricing/).
 */
const CHUNK_BYTES = 65_536;
/** The queues whose messages have a message group. */
const GROUPED = /-(interactive|bulk|redrive)"/;

export function chunksOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
}

/** Receives without messages do not count here: the idle costs contain them. */
export function sqsUsage(
  { headers, body }: ServiceRequest,
  response: { body: string | Buffer },
): ReadonlyMap<Count, number> {
  const isReceive = headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage';
  const text = String(response.body);
  if (isReceive && !text.includes('"MessageId"')) return new Map();
  const requests = chunksOf(isReceive ? Buffer.byteLength(text) : body.byteLength);
  return new Map([
    ['sqsRequests', requests],
    ['sqsFairRequests', GROUPED.test(body.toString('utf8')) ? requests : 0],
  ]);
}

/**
 * SNS charges nothing for a delivery to SQS, but SQS charges for the request: "Amazon SQS […] pricing" applies. The completion of a
 * roster's member has the attribute `roster`, by which the subscription of the roster queue filters.
 */
export function snsUsage({ body }: ServiceRequest): ReadonlyMap<Count, number> {
  const text = body.toString('utf8');
  const chunks = chunksOf(body.byteLength);
  const isForRosters = /\.Name=roster(&|$)/.test(text);
  return new Map([
    ['snsPublishes', chunks],
    ['sqsRequests', isForRosters ? chunks : 0],
  ]);
}
