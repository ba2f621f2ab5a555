import { isClaimed, type LedgerItem } from '../ledger/ledger-item.ts';
import { storeWish } from '../ledger/store-wish.ts';
import type { RequestMessage } from './job.ts';
import { Postponement } from './postponement.ts';
import { releaseTimesOf, type Services } from './services.ts';

/**
 * Stores the wish of a request, if it has one and no other wish has a higher rank. The write comes after the claim, or after the verdict
 * that the request is a replay. Only then is it certain that the item has the request's payload (rule MINE). The write comes before the
 * answer. The wish of a request whose completion names a room is therefore stored, even if the request repeats another one with a new
 * release time (rule AGAIN).
 * @param seen the item as it was last seen
 * @returns the item with the wish that applies
 * @throws Postponement if other writes changed the item too many times
 */
export async function storeOwnWish(message: RequestMessage, seen: LedgerItem, services: Services): Promise<LedgerItem> {
  const { wish, idempotencyKey, ledgerKey } = message;
  if (wish === undefined) return seen;
  const forKey = { ledgerKey, idempotencyKey, wish, graceMs: 0, request: message };
  const result = await storeWish(services.ledger, forKey, () => releaseTimesOf(services), seen);
  if (result === undefined) throw new Postponement('busy');
  return 'item' in result && isClaimed(result.item) ? result.item : seen;
}
