import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import type { Context } from 'aws-lambda';
import { TableUnavailableError } from '../platform/tables.ts';
import { Claim, type ClaimSettings, LeaseLostError, type Refusal } from './claim.ts';
import type { Claimant } from './claim-changes.ts';
import { DamagedItemError, type DecidedItem } from './ledger-item.ts';
import { Postponement, type PostponeReason } from './postponement.ts';

export type ClaimResult =
  /** The item is decided, published and completed. `byUs`: this very call decided it. */
  | { kind: 'completed'; item: DecidedItem; byUs: boolean }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'postponed'; reason: PostponeReason; untilMs: number; cause?: unknown }
  | { kind: 'damaged'; error: DamagedItemError };

// Another worker holds the claim, or the table does not answer: soon enough, and not all at once.
const RETRY_SOON_MS = 3_000;

/**
 * Runs `work` under a claim on the key, through Powertools' `makeIdempotent`: acquire, work, complete; release if the work
 * ends without an outcome. `work` must leave the claim decided and its completion published.
 * @throws only what is a bug: everything that the ledger or the work may meet is a value of the result.
 */
export async function withClaim(
  claimant: Claimant,
  settings: ClaimSettings,
  lambdaContext: Context,
  work: (claim: Claim) => Promise<void>,
): Promise<ClaimResult> {
  const claim = new Claim(claimant, settings);
  let byUs = false;
  const fulfil = makeIdempotent(
    async (_key: string) => {
      const foundDecided = claim.item.decision !== undefined;
      await work(claim);
      byUs = !foundDecided;
      return null;
    },
    { persistenceStore: claim, config: new IdempotencyConfig({ lambdaContext, hashFunction: 'sha256' }) },
  );
  try {
    await fulfil(claimant.ledgerKey);
  } catch (error) {
    if (claim.refusal === undefined) return resultOf(error, settings.clock.nowMs());
  }
  if (claim.refusal) return { kind: 'refused', refusal: claim.refusal };
  return { kind: 'completed', item: claim.decided, byUs };
}

function resultOf(error: unknown, nowMs: number): ClaimResult {
  // Powertools wraps what our store throws, and not what the work throws.
  const cause = error instanceof Error && error.name === 'IdempotencyPersistenceLayerError' ? error.cause : error;
  if (cause instanceof Postponement)
    return { kind: 'postponed', reason: cause.reason, untilMs: cause.untilMs, cause: cause.cause };
  if (cause instanceof DamagedItemError) return { kind: 'damaged', error: cause };
  if (cause instanceof LeaseLostError)
    return { kind: 'postponed', reason: 'lease-lost', untilMs: nowMs + RETRY_SOON_MS };
  if (cause instanceof TableUnavailableError) {
    return { kind: 'postponed', reason: 'ledger-unavailable', untilMs: nowMs + RETRY_SOON_MS, cause: cause.cause };
  }
  throw error;
}
