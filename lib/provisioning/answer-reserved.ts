import { invalidCompletion } from '../contract/completion.ts';
import type { ReadMessage, ReadRequest } from '../contract/read-message.ts';
import type { IncomingRecord } from '../platform/incoming-record.ts';
import { fulfilRequest } from './fulfil-request.ts';
import type { Invocation } from './invocation.ts';
import type { RequestRecord } from './message-source.ts';
import type { Outcome } from './outcome.ts';
import { toRequestMessage } from './request-message.ts';
import type { Services } from './services.ts';

/** The `redrive` of earlier releases set it, when it sent requests back to their lanes. */
const OLD_REDRIVE_ATTRIBUTE = 'greenroom-sent-at';

/** A request that is refused only because of who seems to have sent it. */
type Reserved = Extract<ReadMessage, { kind: 'invalid' }> & { reserved: ReadRequest };

/**
 * Answers a request that names a roster, or a key of one, although nothing says that its sender may. Mostly that is a mistake, and invalid. But
 * it may have been accepted before: the previous release asked nobody, and SQS tells nothing of who first sent what an operator sent
 * again. So what may have been sent by one of ours is parked, and nothing is said over the ledger's head: what it holds is
 * brought to its end (rule RESOLVE), and nothing is begun.
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
    // It neither counts for a roster nor has a member wanted for longer.
    roster: undefined,
    neededByMs: 0,
    unlessBegun: invalidCompletion({ stage: config.stage, read, body: record.body, decidedAtMs: clock.nowMs() }),
  };
  const outcome = await fulfilRequest(message, invocation, services);
  if (outcome.kind !== 'answered' || outcome.how === 'invalid') return outcome;
  // If it is a member, its roster has to hear of it once somebody has vouched for it.
  return isOpen && reserved.request.roster !== undefined ? unverified(record, outcome.completionId) : outcome;
}

/** Whether a message is refused for its sender, and nobody can tell that it does not come from one of our functions after all. */
export function isUnverified(read: ReadMessage, { source }: RequestRecord): boolean {
  return read.kind === 'invalid' && read.reserved !== undefined && source.redriven === undefined;
}

function unverified({ attributes: { SenderId = 'nobody' } }: IncomingRecord, completionId?: string): Outcome {
  return {
    kind: 'parked',
    reason: 'unverified',
    detail: `names what is reserved for greenroom's own functions; SQS names as its sender: ${SenderId}`,
    ...(completionId !== undefined && { completionId }),
  };
}
