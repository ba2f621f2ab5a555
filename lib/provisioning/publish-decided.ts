import type { RequestMessage } from './job.ts';
import { isAnswerTo } from './judge-item.ts';
import type { DecidedItem } from './ledger-item.ts';
import { publishCompletion } from './publish-completion.ts';
import type { Services } from './services.ts';

/**
 * Publishes what the ledger has decided. A message that it does not answer, but that finishes it on the way to its own turn,
 * lends it nothing but its lane: a roster would count the failure for a member that gets its room a moment later.
 * @throws Postponement if SNS does not take it
 */
export function publishDecided(item: DecidedItem, message: RequestMessage, services: Services): Promise<void> {
  return publishCompletion(services, item.completion, isAnswerTo(item, message) ? message : { lane: message.lane });
}
