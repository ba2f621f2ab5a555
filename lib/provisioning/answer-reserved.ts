import { invalidCompletion } from '../contract/completion.ts';
import type { ReadMessage, ReadRequest } from '../contract/read-message.ts';
import type { IncomingRecord } from '../platform/incoming-record.ts';
import { fulfilRequest } from './fulfil-request.ts';
import type { Invocation } from './invocation.ts';
import type { RequestRecord } from './message-source.ts';
import type { Outcome } from './outcome.ts';
import { toRequestMessage } from './request-message.ts';
import type { Services } from './services.ts';

/** Set by the `redrive` command of earlier versions, which sent requests back to their lanes. */
const OLD_REDRIVE_ATTRIBUTE = 'greenroom-sent-at';

/** A request that is refused only because of its apparent sender. */
type Reserved = Extract<ReadMessage, { kind: 'invalid' }> & { reserved: ReadRequest };

/**
 * Answers a request that names a roster or uses a roster's key, from a sender that is not known to be one of greenroom's own functions.
 * Usually the sender made a mistake, and the request is invalid. However, one of the functions may have sent it. The previous version did
 * not check senders, and SQS does not keep the original sender of a message that an operator sends again. If one of the functions probably
 * sent the request, greenroom parks the request. Otherwise, if the ledger already has an item for the key, greenroom finishes the item
 * (rule RESOLVE). If there is no item, greenroom announces the request as invalid.
 */
export async function answerReserved(
  read: Reserved,
  record: RequestRecord,
  invocation: Invocation,
  services: Services,
): Promise<Outcome> {
  const isOpen = isUnverified(read, record);
  if (isOpen && (invocation.deadLetters || OLD_REDRIVE_ATTRIBUTE in record.messageAttributes))
    return unverified(record);
  const { config, clock } = services;
  const { reserved } = read;
  const message = {
    ...toRequestMessage(reserved, record, invocation),
    // The request counts for no roster, and does not change the `needed_by` of a roster member's item.
    roster: undefined,
    neededByMs: 0,
    answerIfNew: invalidCompletion({ stage: config.stage, read, body: record.body, decidedAtMs: clock.nowMs() }),
  };
  const outcome = await fulfilRequest(message, invocation, services);
  if (outcome.kind !== 'answered' || outcome.how === 'invalid') return outcome;
  // If an operator confirms that the request is a member, its roster must receive the completion.
  return isOpen && reserved.request.roster !== undefined ? unverified(record, outcome.completionId) : outcome;
}

/** Whether a message is refused because of its sender, although one of our functions may have sent it. */
export function isUnverified(read: ReadMessage, { source }: RequestRecord): boolean {
  return read.kind === 'invalid' && read.reserved !== undefined && source.redriven === undefined;
}

function unverified({ attributes: { SenderId = 'missing' } }: IncomingRecord, completionId?: string): Outcome {
  return {
    kind: 'parked',
    reason: 'unverified',
    detail: `only greenroom's own functions may name a roster or use its keys; the SenderId in SQS is ${SenderId}`,
    ...(completionId !== undefined && { completionId }),
  };
}
