import type { Completion } from '../lib/contract/completion.ts';
import { ledgerKey } from '../lib/contract/keys.ts';
import { readLedgerItem } from '../lib/ledger/read-ledger-item.ts';
import type { DeliveredCompletion } from './completion-feed.ts';
import type { Deployment } from './deployment.ts';
import { typed } from './typed-command.ts';
import { UserError } from './user-error.ts';

type LedgerOf = Pick<Deployment, 'dynamodb' | 'ledgerTable'>;

/**
 * The outcomes of one key, each once: the one that the ledger stores, and those that are delivered afterwards. If the queue was subscribed
 * before this is called, no outcome is lost, because each one is already in the ledger or arrives in the queue. Many are in both. A stored
 * decision counts even if its completion is not published yet, because it is final, and a worker may publish it just before the
 * subscription.
 * @param options.onlyNew leave out the outcome that the ledger stores
 * @throws UserError if the item of the key is damaged, because its requests are parked, and have no outcome until a person repairs it; the
 *   SDK's error if the ledger cannot be read
 */
export async function* outcomesOf(
  key: string,
  delivered: AsyncIterable<DeliveredCompletion>,
  ledger: LedgerOf,
  { onlyNew }: { onlyNew: boolean },
): AsyncGenerator<Completion> {
  const stored = await storedOutcome(key, ledger);
  const seen = new Set(stored && [stored.id]);
  if (stored && !onlyNew) yield stored;
  for await (const { completion } of delivered) {
    if (completion.subject !== key || seen.has(completion.id)) continue;
    seen.add(completion.id);
    yield completion;
  }
}

async function storedOutcome(
  key: string,
  { dynamodb, ledgerTable: tableName }: LedgerOf,
): Promise<Completion | undefined> {
  const reading = await readLedgerItem({ dynamodb, tableName }, ledgerKey(key));
  if (reading.kind === 'damaged')
    throw new UserError(`The ledger item of ${key} is damaged, so its requests are parked: see ${typed('status')}`);
  return reading.kind === 'known' && reading.item.decision !== undefined ? reading.item.completion : undefined;
}
