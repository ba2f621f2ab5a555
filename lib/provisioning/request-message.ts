import { ledgerKey } from '../contract/keys.ts';
import { payloadHashes } from '../contract/payload-notations.ts';
import type { ReadRequest } from '../contract/read-message.ts';
import { shortJobId } from '../contract/short-job-id.ts';
import { firstReceivedMs, receivesLeft } from '../platform/incoming-record.ts';
import type { Invocation } from './invocation.ts';
import type { RequestMessage } from './job.ts';
import type { RequestRecord } from './message-source.ts';

/** A valid request with the facts of its message. */
export function toRequestMessage(
  read: ReadRequest,
  record: RequestRecord,
  { deadLetters }: Pick<Invocation, 'deadLetters'>,
): RequestMessage {
  const { request, region, sentAtMs, askedAtMs, wish, neededByMs, traceparent } = read;
  const { idempotencyKey, room, roster, correlationId, metadata } = request;
  const [payloadHash, ...otherHashes] = payloadHashes({ room, region });
  return {
    request,
    region,
    tenant: request.tenant,
    sentAtMs,
    askedAtMs,
    wish,
    neededByMs,
    idempotencyKey,
    ledgerKey: ledgerKey(idempotencyKey),
    payloadHash,
    otherHashes,
    lane: record.source.lane,
    firstReceivedMs: firstReceivedMs(record),
    receivesLeft: receivesLeft(record, deadLetters),
    roster,
    bulkJob: shortJobId(roster),
    correlationId,
    metadata,
    traceparent,
  };
}
