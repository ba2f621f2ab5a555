import { ledgerKey, payloadHash } from '../contract/keys.ts';
import type { ReadRequest } from '../contract/read-message.ts';
import { firstReceivedMs, type IncomingRecord, receivesLeft } from '../platform/incoming-record.ts';
import type { RequestMessage } from './job.ts';
import { sourceOf } from './message-source.ts';
import type { Invocation, Services } from './services.ts';

/** A valid request with all that its message says. */
export function toRequestMessage(
  read: ReadRequest,
  record: IncomingRecord,
  { deadLetters }: Pick<Invocation, 'deadLetters'>,
  { config }: Pick<Services, 'config'>,
): RequestMessage {
  const { request, region, sentAtMs, neededByMs } = read;
  const { idempotencyKey, room, roster, correlationId } = request;
  return {
    request,
    region,
    sentAtMs,
    neededByMs,
    idempotencyKey,
    ledgerKey: ledgerKey(idempotencyKey),
    payloadHash: payloadHash({ room, region }),
    lane: sourceOf(record, config).lane,
    firstReceivedMs: firstReceivedMs(record),
    receivesLeft: receivesLeft(record, deadLetters),
    roster,
    correlationId,
  };
}
